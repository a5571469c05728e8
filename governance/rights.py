"""Who may do what: the only table. Rows are another question, answered by `scoping`."""

from enum import StrEnum

from django.db.models import TextChoices


class Role(TextChoices):
    MEDIATEUR = "mediateur", "Médiateur"
    COORDINATION = "coordination", "Coordination"
    PARTENAIRE = "partenaire", "Partenaire"
    INVITE = "invite", "Invité"


OPERATOR_ROLES = frozenset({Role.MEDIATEUR, Role.COORDINATION})


class Right(StrEnum):
    ENTER = "enter"  # one's own home page
    LOG_ACTIVITIES = "log_activities"  # write, and edit one's own; one's own hours
    CORRECT_ACTIVITIES = "correct_activities"  # edit anybody's, with a trace
    READ_ACTIVITIES = "read_activities"
    READ_OPERATOR_FIELDS = "read_operator_fields"  # notes, authors, head counts per row (R25)
    REVIEW_NOTES = "review_notes"  # texts that seem to identify somebody
    PLAN = "plan"  # roadmaps and their actions (R33, R34)
    IMPORT_ACTIVITIES = "import_activities"
    HANDLE_SITUATIONS = "handle_situations"  # read and write them (R59)
    READ_AGENDA_LINES = "read_agenda_lines"  # the anonymous line of a situation put on an agenda
    READ_SIGNALEMENTS = "read_signalements"
    WRITE_SIGNALEMENTS = "write_signalements"  # write, send, follow (R72)
    ANSWER_SIGNALEMENTS = "answer_signalements"  # those addressed to one's own party
    ESCALATE_SIGNALEMENTS = "escalate_signalements"  # rules, calls, mails that match nothing
    DESIGNATE_CONTACTS = "designate_contacts"  # one's own party's; the coordination, all (R84)
    SUPERVISE = "supervise"  # what each médiateur otherwise keeps to themselves: hours (R30, R31)
    READ_FIGURES = "read_figures"
    DEFINE_INDICATORS = "define_indicators"  # their versions, targets, values by hand (R52, R57)
    PRODUCE_SYNTHESES = "produce_syntheses"  # draft and read over
    PUBLISH_SYNTHESES = "publish_syntheses"  # validate, publish, correct (R76)
    READ_SYNTHESES = "read_syntheses"  # published editions of one's perimeter
    COMMENT_SYNTHESES = "comment_syntheses"  # on a draft edition that is open to one's party (R80)
    READ_RECOMMENDATIONS = "read_recommendations"
    WRITE_RECOMMENDATIONS = "write_recommendations"  # R79
    ANSWER_RECOMMENDATIONS = "answer_recommendations"  # those addressed to one's party; all
    STEER = "steer"  # the coordination's own dashboard
    READ_FRAME = "read_frame"  # convention, parties, committees, financing
    EDIT_FRAME = "edit_frame"
    READ_MEETINGS = "read_meetings"  # which ones, seats and invitations say (R55, R61)
    CONVENE = "convene"  # prepare, convene, change and cancel meetings (R47–R49, R56)
    READ_NEWS = "read_news"  # what the parties pass on of the quarter (R83)
    POST_NEWS = "post_news"  # in the name of one’s own party
    MODERATE_NEWS = "moderate_news"  # complete what came by mail, withdraw anybody’s
    CREATE_PROGRAMMES = "create_programmes"  # another one of one's own operator
    WRITE_MINUTES = "write_minutes"  # attendance, points, decisions, actions (R50–R52, R57–R59)
    DO_ACTIONS = "do_actions"  # say what became of an action; a partner, of its own party's
    MANAGE_ACCESS = "manage_access"
    READ_JOURNAL = "read_journal"


class Ground(StrEnum):
    """Why a row may be seen; each model says which it offers, each role which it uses."""

    PROGRAMME = "programme"  # the operator: every row of its programme
    FRAME = "frame"  # what the agreement itself says, to those who signed it
    PLACE = "place"  # the row's place lay in the party's perimeter on the row's date (R75)
    PARTY = "party"  # the party's own rows
    ADDRESSEE = "addressee"  # a signalement sent to the party
    SEAT = "seat"  # the papers of a committee in which the party had a seat that day


RIGHTS: dict[str, frozenset[Right]] = {
    Role.MEDIATEUR: frozenset(
        {
            Right.ENTER,
            Right.LOG_ACTIVITIES,
            Right.READ_ACTIVITIES,
            Right.READ_OPERATOR_FIELDS,
            Right.HANDLE_SITUATIONS,
            Right.READ_SIGNALEMENTS,
            Right.WRITE_SIGNALEMENTS,
            Right.PLAN,
            Right.READ_FIGURES,
            Right.PRODUCE_SYNTHESES,
            Right.READ_SYNTHESES,
            Right.READ_RECOMMENDATIONS,
            Right.WRITE_RECOMMENDATIONS,
            Right.READ_FRAME,
            Right.READ_MEETINGS,
            Right.READ_NEWS,
            Right.POST_NEWS,
            Right.WRITE_MINUTES,
            Right.DO_ACTIONS,
        }
    ),
    Role.COORDINATION: frozenset(Right)
    - {Right.READ_AGENDA_LINES, Right.ANSWER_SIGNALEMENTS, Right.COMMENT_SYNTHESES},
    Role.PARTENAIRE: frozenset(
        {
            Right.ENTER,
            Right.READ_ACTIVITIES,
            Right.READ_AGENDA_LINES,
            Right.READ_SIGNALEMENTS,
            Right.ANSWER_SIGNALEMENTS,
            Right.DESIGNATE_CONTACTS,
            Right.READ_FIGURES,
            Right.READ_SYNTHESES,
            Right.COMMENT_SYNTHESES,
            Right.READ_RECOMMENDATIONS,
            Right.ANSWER_RECOMMENDATIONS,
            Right.READ_FRAME,
            Right.READ_MEETINGS,
            Right.READ_NEWS,
            Right.POST_NEWS,
            Right.DO_ACTIONS,
        }
    ),
    Role.INVITE: frozenset(
        {
            Right.ENTER,
            Right.READ_SIGNALEMENTS,
            Right.ANSWER_SIGNALEMENTS,
            Right.READ_MEETINGS,
        }
    ),
}

GROUNDS: dict[str, frozenset[Ground]] = {
    Role.MEDIATEUR: frozenset({Ground.PROGRAMME}),
    Role.COORDINATION: frozenset({Ground.PROGRAMME}),
    Role.PARTENAIRE: frozenset(
        {Ground.ADDRESSEE, Ground.FRAME, Ground.PLACE, Ground.PARTY, Ground.SEAT}
    ),
    Role.INVITE: frozenset({Ground.ADDRESSEE, Ground.PARTY}),
}
