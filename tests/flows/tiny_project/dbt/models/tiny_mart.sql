-- TINY_SLOW makes this take for ever, so that a test can end it in the middle.
select distinct
    name,
    quantity,
    recorded_at
from {{ source('tiny', 'tiny_values') }}
{% if env_var('TINY_SLOW', '') %}
where quantity < (select count(*) from range(1000000) as one, range(1000000) as two where one.range + two.range > 0)
{% endif %}
