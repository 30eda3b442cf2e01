case
    when upper(hardware_name) like '%TPU%' and lower(hardware_name) like '%v1%' then 2.93
    when upper(hardware_name) like '%TPU%' and lower(hardware_name) like '%v2%' then 1.64
    when upper(hardware_name) like '%TPU%' and lower(hardware_name) like '%v3%' then 1.47
    when upper(hardware_name) like '%TPU%' then 1.56
    when upper(hardware_name) like '%H100%' then 10.2e0 / 8 / 0.7
    when upper(hardware_name) like '%A100%' then 6.5e0 / 8 / 0.4
    when upper(hardware_name) like '%V100%' then (10e0 / 16 / 0.3 + 1.5e0 / 4 / 0.3) / 2
    when hardware_name is not null then 1.8
end
