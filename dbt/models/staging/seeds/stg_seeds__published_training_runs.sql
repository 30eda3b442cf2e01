with

{{ seed_versions('published_training_runs') }}

select * from seed_versions
