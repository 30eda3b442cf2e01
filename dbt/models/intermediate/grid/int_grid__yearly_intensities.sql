-- The version in force of every yearly figure. What its source withdrew stays: it was said.
select * from {{ ref('int_grid__yearly_versions') }}
qualify row_number() over (
    partition by
        source_id, grid_zone_id, interval_start_at, intensity_basis, emission_factor_scope,
        flow_basis
    order by recorded_at desc, fetched_at desc
) = 1
