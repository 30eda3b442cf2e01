case
    when upper(hardware_name) like '%TPU%' then 0.43
    when hardware_name is not null then 0.75
end
