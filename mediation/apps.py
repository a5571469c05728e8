from django.apps import AppConfig


class MediationConfig(AppConfig):
    name = "mediation"
    verbose_name = "Médiation"

    def ready(self) -> None:
        from governance.decisions import proofs
        from governance.meetings.proposals import register
        from humanicite.lib.logs import hide_what_follows
        from humanicite.lib.mail.verdicts import mail_tried

        from .actions_done.sequels import of_the_actions
        from .actions_done.sequels import proofs as proofs_of_records
        from .activities import sequels
        from .agenda.proposers import SituationLines, StuckSignalements
        from .followup.frame_file import FollowUpDays
        from .frame import conventions
        from .signalements.emails.deliveries import note_try
        from .signalements.links import ANSWER

        mail_tried.connect(note_try)
        conventions.register(FollowUpDays())
        sequels.register("actions", of_the_actions, rank=30)
        proofs.register("records", proofs_of_records)
        hide_what_follows(f"/{ANSWER}/")
        register(StuckSignalements())
        register(SituationLines())
