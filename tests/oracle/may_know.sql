-- Purpose: may_know(person, item, at) for every row of `asked`, from section 4.3 of the rules, with each condition by itself.
-- Reads: fact(kind, source, target, detail, since, until), asked(n, person, item, at).
-- Columns: n, then one 0/1 for each condition that fails; a pair is allowed exactly where all are 0.
WITH RECURSIVE
-- S01-2b, S01-3a–c: one scale for state secrets; unit-internal matters stand outside it.
level(id, state, rank) AS (
    VALUES ('top-secret', 1, 3), ('secret', 1, 2), ('confidential', 1, 1), ('internal', 0, 0)
),
-- Every fact in force at the instant each question names.
live AS (
    SELECT asked.n, asked.person, asked.item, asked.at, fact.kind, fact.source, fact.target, fact.detail
    FROM asked CROSS JOIN fact
    WHERE fact.since <= asked.at AND asked.at < fact.until
),
-- The person and every department, post and unit they stand in, however deep [G09].
stands(n, node) AS (
    SELECT n, person FROM asked
    UNION
    SELECT stands.n, fact.target
    FROM stands
    JOIN asked ON asked.n = stands.n
    JOIN fact ON fact.source = stands.node
    WHERE fact.kind IN ('MEMBER_OF', 'HOLDS_POST', 'PART_OF')
      AND fact.since <= asked.at AND asked.at < fact.until
),
-- Of two marks the higher counts (stricter wins, section 2).
item AS (
    SELECT asked.n, max(level.rank) AS rank, max(level.rank) = 0 AS internal
    FROM asked
    LEFT JOIN live ON live.n = asked.n AND live.kind = 'CLASSIFIED_AS' AND live.source = asked.item
    LEFT JOIN level ON level.id = live.target
    GROUP BY asked.n
),
-- Of two clearances the lower counts; one to internal matters is none [C20].
clearance AS (
    SELECT live.n, min(level.rank) AS rank
    FROM live JOIN level ON level.id = live.target AND level.state
    WHERE live.kind = 'CLEARED_TO' AND live.source = live.person
    GROUP BY live.n
),
-- Posts the person has held by then that were secret at some time while they held them (S01-11a).
secret_post AS (
    SELECT asked.n, held.until > asked.at AS still
    FROM asked
    JOIN fact held ON held.kind = 'HOLDS_POST' AND held.source = asked.person AND held.since <= asked.at
    WHERE EXISTS (
        SELECT 1 FROM fact mark JOIN level ON level.id = mark.target AND level.state
        WHERE mark.kind = 'CLASSIFIED_AS' AND mark.source = held.target AND mark.since <= asked.at
          AND mark.since < held.until AND held.since < mark.until
    )
),
listed(n, list, by_name) AS (
    SELECT place.n, 'range', member.source = place.person
    FROM live place
    JOIN live member ON member.n = place.n AND member.kind = 'IN_RANGE' AND member.target = place.source
    JOIN stands ON stands.n = place.n AND stands.node = member.source
    WHERE place.kind = 'RANGE_OF' AND place.target = place.item
    UNION ALL
    SELECT place.n, 'distribution', 0
    FROM live place
    JOIN live member ON member.n = place.n AND member.kind = 'IN_DISTRIBUTION' AND member.target = place.source
    JOIN stands ON stands.n = place.n AND stands.node = member.source
    WHERE place.kind = 'DISTRIBUTION_OF' AND place.target = place.item
),
own AS (
    SELECT n, kind, target, detail FROM live WHERE source = person
),
-- The stage of the undertaking: in post for who holds one, entry for who does not yet (S01-8a, C05).
stage AS (
    SELECT n, CASE WHEN EXISTS (SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'HOLDS_POST')
                   THEN 'in_post' ELSE 'entry' END AS paper
    FROM asked
)
SELECT
    asked.n,
    item.rank IS NULL AS marking,                                                      -- S03-2.1a
    NOT coalesce(item.internal, 0)
        AND coalesce(clearance.rank, 0) < coalesce(item.rank, 0) AS level,             -- S01-3, S02-4.5
    NOT coalesce(item.internal, 0) AND (                                               -- S01-7a
        NOT EXISTS (SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'VETTED' AND detail = 'passed')
        OR EXISTS (SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'VETTED' AND detail = 'failed')
    ) AS vetting,
    NOT coalesce(item.internal, 0) AND NOT EXISTS (                                    -- S01-8a, S02-8b
        SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'SIGNED' AND detail = stage.paper
    ) AS undertaking,
    NOT coalesce(item.internal, 0)                                                     -- S02-7
        AND EXISTS (
            SELECT 1 FROM stands JOIN live ON live.n = stands.n AND live.source = stands.node
            WHERE stands.n = asked.n AND live.kind = 'KEY_UNIT_OF' AND stands.node <> asked.person
        )
        AND NOT EXISTS (SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'TRAINED' AND detail = 'induction')
        AS induction,
    NOT coalesce(item.internal, 0) AND (                                               -- S01-11c, C19
        EXISTS (SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'COOLING_OFF')
        OR (
            EXISTS (SELECT 1 FROM secret_post WHERE secret_post.n = asked.n)
            AND NOT EXISTS (SELECT 1 FROM secret_post WHERE secret_post.n = asked.n AND still)
        )
    ) AS leaving,
    EXISTS (SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'DEPARTED') AS departure,   -- S01-15a
    NOT coalesce(item.internal, 0) AND NOT EXISTS (                                    -- S03-4.1a–c
        SELECT 1 FROM listed
        WHERE listed.n = asked.n AND list = 'range' AND (coalesce(item.rank, 0) < 3 OR by_name)
    ) AS scope,
    NOT coalesce(item.internal, 0) AND NOT EXISTS (                                    -- S03-2.1c
        SELECT 1 FROM listed WHERE listed.n = asked.n AND list = 'distribution'
    ) AS distribution,
    coalesce(item.internal, 0) AND NOT EXISTS (                                        -- S17-2.4a, S17-2.4c
        SELECT 1 FROM listed WHERE listed.n = asked.n AND list = 'range'
        UNION ALL
        SELECT 1 FROM own WHERE own.n = asked.n AND kind = 'GRANTED_READ' AND target = asked.item
    ) AS need,
    coalesce(item.internal, 0) AND NOT EXISTS (                                        -- S17-2.0b
        SELECT 1 FROM own
        WHERE own.n = asked.n AND kind = 'SIGNED' AND detail IN ('acknowledgement', 'entry', 'in_post')
    ) AS acknowledgement,
    EXISTS (                                                                           -- S02-4.5, C08
        SELECT 1 FROM live JOIN stands ON stands.n = live.n AND stands.node = live.source
        WHERE live.n = asked.n AND live.kind = 'BARRED_FROM' AND live.target = asked.item
    ) AS veto
FROM asked
JOIN item ON item.n = asked.n
JOIN stage ON stage.n = asked.n
LEFT JOIN clearance ON clearance.n = asked.n
ORDER BY asked.n
