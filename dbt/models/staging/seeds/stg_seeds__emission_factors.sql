with

{{ seed_versions('emission_factors') }}

select * from seed_versions
