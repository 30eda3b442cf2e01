with

{{ seed_versions('residual_mixes') }}

select * from seed_versions
