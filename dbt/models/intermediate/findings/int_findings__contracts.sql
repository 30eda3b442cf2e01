-- Contracts that together cover more than the whole use of a place: their shares are cut at one.
with

contracts as (
    select * from {{ ref('stg_contracts__contracts') }}
    qualify row_number() over (
        partition by contract_id
        order by recorded_at desc, fetched_at desc, landing_id desc
    ) = 1
),

in_force as (
    select * from contracts
    where not is_withdrawn
),

-- On the first day of a contract, with all that hold then: a sum can only rise on such a day.
covered as (
    select
        contracts.contract_id,
        contracts.grid_zone_id,
        contracts.source_id,
        round(sum(others.covered_share), 9) as covered_share,
        string_agg(others.contract_id, ', ' order by others.contract_id) as contract_ids
    from in_force as contracts
    inner join in_force as others
        on
            contracts.grid_zone_id = others.grid_zone_id
            and contracts.project is not distinct from others.project
            and contracts.valid_from between others.valid_from and others.valid_until
    group by all
)

select
    'contracts_over_whole' as finding_kind,
    'stg_contracts__contracts' as table_name,
    contract_id as subject,
    1 as finding_count,
    covered_share as observed_value,
    0 as expected_lower,
    1 as expected_upper,
    '1' as unit,
    'On its first day ' || contract_ids || ' cover more than all of the use in ' || grid_zone_id
    || '; the share is cut at one, their intensities are weighted as stated.' as detail,
    source_id
from covered
where covered_share > 1
