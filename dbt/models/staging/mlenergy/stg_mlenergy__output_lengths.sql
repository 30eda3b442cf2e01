-- A quantile lies in the bin where the running count passes it, as far in as its share of it.
with

bins as (
    select
        *,
        concat_ws(
            '/',
            task,
            model_id,
            coalesce(weight_precision, '?'),
            num_gpus || 'x' || gpu_model,
            'tp' || tensor_parallel,
            'ep' || expert_parallel,
            'dp' || data_parallel,
            'seqs' || max_num_seqs,
            'run' || repeat
        ) as configuration_key
    from {{ source('mlenergy', 'mlenergy_output_lengths') }}
),

newest as (
    select * from bins
    qualify row_number() over (
        partition by configuration_key, bin_number
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

counted as (
    select
        configuration_key,
        bin_number,
        lower_tokens,
        upper_tokens,
        request_count,
        sum(request_count) over (partition by configuration_key order by bin_number) as count_until,
        sum(request_count) over (partition by configuration_key) as count_total,
        source_id,
        landed_sha256,
        recorded_at
    from newest
),

summed as (
    select
        configuration_key,

        cast(any_value(count_total) as bigint) as request_count,
        {% for name, share in [('median', 0.5), ('p90', 0.9), ('p99', 0.99)] %}
            arg_min(
                lower_tokens
                + (upper_tokens - lower_tokens)
                * ({{ share }} * count_total - (count_until - request_count))
                / nullif(request_count, 0),
                bin_number
            ) filter (where count_until >= {{ share }} * count_total and request_count > 0)
                as {{ name }}_output_tokens,
        {% endfor %}

        any_value(source_id) as source_id,
        max(landed_sha256) as landed_sha256,
        max(recorded_at) as recorded_at
    from counted
    group by configuration_key
)

select * from summed
where request_count > 0
