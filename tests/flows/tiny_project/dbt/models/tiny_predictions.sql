select prediction_id from {{ source('ml_output', 'predictions') }}
