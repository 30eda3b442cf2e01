with

{{ seed_versions('cloud_regions') }}

select * from seed_versions
