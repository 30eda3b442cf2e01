with

{{ seed_versions('accounting_parameters') }}

select * from seed_versions
