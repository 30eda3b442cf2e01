-- What is wrong with the data, in one list. Each family of rules is a model of its own; the rules,
-- their thresholds and severities are in meta_finding_rules. Nothing here changes a figure.
{% set families = [
    'energy',
    'emissions',
    'hardware',
    'intensity',
    'totals',
    'repeats',
    'periods',
    'ranges',
    'places',
    'units',
    'uses',
    'contracts',
    'grid',
    'names',
    'quarantine',
] %}

with

rules as (
    select * from {{ ref('meta_finding_rules') }}
),

judged as (
    select
        cast(null as varchar) as severity,
        cast(null as timestamp) as first_at,
        cast(null as timestamp) as last_at,
        cast(null as double) as observed_value,
        cast(null as double) as expected_lower,
        cast(null as double) as expected_upper,
        cast(null as varchar) as unit
    where false
    {% for family in families %}
        union all by name
        select * from {{ ref('int_findings__' ~ family) }}
    {% endfor %}
    union all by name
    select * from {{ ref('int_training_runs__hub_findings') }}
),

suspects as (
    select * from {{ ref('int_findings__suspects') }}
),

-- A rule and the source's own words on one run are one finding.
of_runs as (
    select
        subject,
        count(*) as finding_count
    from judged
    where
        table_name = 'fct_training_runs'
        and finding_kind in (
            select rules.finding_kind from rules
            where rules.is_doubt_of_figures
        )
    group by subject
),

with_reasons as (
    select
        judged.* replace (
            judged.detail || case
                when
                    rules.is_doubt_of_figures and suspects.detail is not null
                    and judged.source_id <> 'huggingface'
                    and not contains(judged.detail, suspects.detail)
                    and not contains(suspects.detail, judged.detail)
                    then ' ' || suspects.detail
                else ''
            end as detail
        )
    from judged
    left join suspects
        on judged.subject = suspects.subject and judged.table_name = suspects.table_name
    left join rules on judged.finding_kind = rules.finding_kind
),

findings as (
    select * from with_reasons
    union all by name
    select suspects.*
    from suspects
    left join of_runs on suspects.subject = of_runs.subject
    where of_runs.subject is null
)

select
    md5(concat_ws(
        '|',
        findings.finding_kind, findings.table_name, findings.subject, findings.source_id,
        findings.detail
    )) as finding_id,
    findings.finding_kind,
    coalesce(findings.severity, rules.severity) as severity,
    findings.table_name,
    findings.subject,
    cast(findings.finding_count as bigint) as finding_count,
    cast(findings.first_at as timestamp) as first_at,
    cast(findings.last_at as timestamp) as last_at,
    cast(findings.observed_value as double) as observed_value,
    cast(findings.expected_lower as double) as expected_lower,
    cast(findings.expected_upper as double) as expected_upper,
    findings.unit,
    findings.detail,
    findings.source_id
from findings
left join rules on findings.finding_kind = rules.finding_kind
