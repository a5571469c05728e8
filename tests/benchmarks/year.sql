SELECT a.day, a.minutes, a.type, o.axis_id, a.theme_id, a.second_theme_id, a.place_id, a.starts_at
FROM mediation_activity a
LEFT JOIN governance_objective o ON o.id = a.objective_id
WHERE a.programme_id = %s AND a.day BETWEEN %s AND %s AND a.place_id IN (PLACES)
