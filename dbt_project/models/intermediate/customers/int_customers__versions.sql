-- A delivered row is valid from its delivery until the customer's next one; a column that a delivery did not have
-- keeps what was known (D-53).
with versions as (
    {{ known_versions(
        versions=ref("stg_core_banking__customers"),
        key="customer_id",
        required=["customer_type", "opened_date"],
        kept={
            "closed_date": "closed_on",
            "branch_id": "branch_id",
            "manager_id": "manager_id",
            "income_band": "income_band",
            "occupation_code": "occupation_code",
            "industry_code": "industry_code",
            "is_vip_elsewhere": "is_vip_elsewhere",
            "is_head_office_client": "is_head_office_client",
            "linked_corporate_id": "linked_corporate_id",
            "corporate_role": "corporate_role",
        },
    ) }}
)

select
    customer_id,
    customer_type,
    opened_date,
    closed_date,
    branch_id,
    manager_id,
    income_band,
    occupation_code,
    industry_code,
    coalesce(is_vip_elsewhere, false) as is_vip_elsewhere,
    coalesce(is_head_office_client, false) as is_head_office_client,
    linked_corporate_id,
    corporate_role,
    delivered_on,
    delivered_on as valid_from,
    lead(delivered_on) over (partition by customer_id order by delivered_on) as valid_to,
    lag(delivered_on) over (partition by customer_id order by delivered_on) is null as is_first_version
from versions
