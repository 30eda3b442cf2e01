-- Each training run, benchmark and use, with its inputs resolved, in every version of it. Of our
-- own there may be millions, so that this stays a view.
select * from {{ ref('int_activities__reported') }}
union all
select * from {{ ref('int_measurements__activities') }}
