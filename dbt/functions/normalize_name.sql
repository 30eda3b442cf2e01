nullif(regexp_replace(replace(lower(strip_accents(name)), '+', 'plus'), '[^\pL\pN]', '', 'g'), '')
