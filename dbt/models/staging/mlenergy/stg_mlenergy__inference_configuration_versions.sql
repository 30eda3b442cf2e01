-- A configuration stands in its task's file and again in its model's own: the task's row counts,
-- the model's as long as there is none.
with

text_rows as (
    select
        * exclude (
            energy_per_token_joules, energy_per_request_joules, output_throughput_tokens_per_sec,
            avg_output_len
        ),
        'output_token' as functional_unit,
        energy_per_token_joules as energy_j_per_unit,
        energy_per_request_joules as energy_j_per_request,
        output_throughput_tokens_per_sec as throughput_units_per_s,
        avg_output_len as output_tokens
    from {{ source('mlenergy', 'mlenergy_configurations') }}
),

image_rows as (
    select
        * exclude (
            energy_per_image_joules, throughput_images_per_sec, image_height, image_width
        ),
        'image' as functional_unit,
        energy_per_image_joules as energy_j_per_unit,
        throughput_images_per_sec as throughput_units_per_s,
        image_height as frame_height_px,
        image_width as frame_width_px
    from {{ source('mlenergy', 'mlenergy_images') }}
),

video_rows as (
    select
        * exclude (
            energy_per_video_joules, throughput_videos_per_sec, video_height, video_width,
            num_frames, fps
        ),
        'video' as functional_unit,
        energy_per_video_joules as energy_j_per_unit,
        throughput_videos_per_sec as throughput_units_per_s,
        video_height as frame_height_px,
        video_width as frame_width_px,
        num_frames as frame_count,
        fps as frames_per_s
    from {{ source('mlenergy', 'mlenergy_videos') }}
),

all_rows as (
    select * from text_rows
    union all by name
    select * from image_rows
    union all by name
    select * from video_rows
),

named as (
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
            'ulysses' || ulysses_degree,
            'ring' || ring_degree,
            'seqs' || max_num_seqs,
            'batch' || batch_size,
            frame_height_px || 'x' || frame_width_px,
            'frames' || frame_count,
            'fps' || frames_per_s,
            'steps' || inference_steps,
            'run' || repeat
        ) as configuration_key
    from all_rows
),

versions as (
    select * from named
    qualify
        file_kind = max(file_kind) over (partition by configuration_key order by recorded_at)
        and row_number() over (
            partition by configuration_key, recorded_at
            order by file_kind desc, fetched_at desc, landed_sha256 desc
        ) = 1
),

renamed as (
    select
        'ml-energy:' || configuration_key as inference_benchmark_id,
        configuration_key,

        coalesce(nickname, split_part(model_id, '/', -1)) as model_name,
        model_id as huggingface_id,
        case architecture
            when 'Dense Transformer' then 'dense'
            when 'MoE' then 'moe'
            when 'Mamba-Transformer Hybrid' then 'hybrid'
        end as architecture,
        gpu_model as gpu,
        weight_precision as precision,
        case task
            when 'lm-arena-chat' then 'text'
            when 'gpqa' then 'reasoning'
            when 'sourcegraph-fim' then 'code'
            else replace(task, '-', '_')
        end as task,
        task as benchmark_task,
        'counter' as label_kind,
        'accelerator' as boundary,
        functional_unit,
        repeat as run_number,

        nullif(total_params_billions, 0) * 1e9 as parameters_total,
        nullif(activated_params_billions, 0) * 1e9 as parameters_active,
        num_gpus as gpu_count,
        tensor_parallel,
        expert_parallel,
        data_parallel,
        ulysses_degree as ulysses_parallel,
        ring_degree as ring_parallel,
        max_num_seqs as max_concurrency,
        avg_batch_size as concurrency,
        batch_size,
        inference_steps,
        frame_height_px,
        frame_width_px,
        frame_count,
        frames_per_s,
        output_tokens,

        energy_j_per_unit,
        energy_j_per_request,
        avg_power_watts as power_w,
        throughput_units_per_s,
        batch_latency_s,
        median_itl_ms as median_inter_token_latency_ms,
        p90_itl_ms as p90_inter_token_latency_ms,
        p95_itl_ms as p95_inter_token_latency_ms,
        p99_itl_ms as p99_inter_token_latency_ms,

        source_id,
        landed_sha256,
        recorded_at
    from versions
)

select * from renamed
