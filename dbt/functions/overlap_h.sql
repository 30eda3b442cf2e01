case
    when
        ended_at >= started_at
        and isfinite(started_at) and isfinite(ended_at) and isfinite(interval_start_at)
        and isfinite(interval_minutes) and interval_minutes > 0
    then
        greatest(
            0e0,
            least(
                epoch(ended_at::timestamp),
                epoch(interval_start_at::timestamp) + 60e0 * interval_minutes
            )
            - greatest(epoch(started_at::timestamp), epoch(interval_start_at::timestamp))
        ) / 3600
end
