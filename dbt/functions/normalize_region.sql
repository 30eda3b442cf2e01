nullif(trim(regexp_replace(lower(strip_accents(region)), '\s+', ' ', 'g')), '')
