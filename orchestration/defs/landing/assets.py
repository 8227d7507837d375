"""One asset per delivered entity: landing to lake."""

from datetime import date

import dagster as dg

from clientele.contracts import Contract
from orchestration.building import warehouse
from orchestration.defs.resources import RefreshResource
from orchestration.loading import loader
from orchestration.loading.landing import deliveries, is_growing
from orchestration.refreshes import operations

OWNERS = ["team:data-engineering"]


def raw_key(entity: str) -> dg.AssetKey:
    """The asset key of an entity in the lake."""
    return dg.AssetKey(["raw", entity])


def raw_asset(contract: Contract, partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """The asset that loads one entity.

    Args:
        contract: The contract of the entity.
        partitions: The business dates.

    Returns:
        An asset with one partition per business date; many dates load in one run.
    """

    @dg.asset(
        key=raw_key(contract.name),
        description=contract.description,
        group_name="landing",
        owners=OWNERS,
        kinds={"parquet"},
        tags={"source": contract.domain},
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=sorted({raw_key(parent) for _, parent, _ in contract.references if parent != contract.name}),
    )
    def load_entity(
        context: dg.AssetExecutionContext, refresh: RefreshResource
    ) -> dg.MaterializeResult[None]:
        first, last = run_window(context)
        settings = refresh.settings
        dates = [
            delivery.business_date
            for delivery in deliveries(settings, contract)
            if first <= delivery.business_date <= last and not is_growing(delivery, refresh.settling_seconds)
        ]
        result = loader.load(
            settings,
            contract,
            dates,
            refresh.contracts,
            built=warehouse.delivered_dates(refresh.published_state, contract.name),
            is_rebuild=refresh.is_rebuild_ahead,
        )
        operations.add_rows(settings, context.run_id, result.loaded, result.rejected, result.healed)
        for day in result.stuck:
            print(
                f"warning: {contract.name} {day} would be judged differently today, but its delivery is "
                "gone; its rows stay as they are"
            )
        metadata = {
            "dagster/row_count": result.loaded,
            "rows_rejected": result.rejected,
            "rows_healed": result.healed,
            "deliveries_loaded": len(result.dates),
            "deliveries_unchanged": len(result.unchanged),
        }
        if result.refused:
            raise dg.Failure(
                description="delivery refused, nothing of it was loaded:\n"
                + "\n".join(
                    f"  {refusal.entity}/{refusal.business_date}/{refusal.file}"
                    + (f", column {refusal.column_name}" if refusal.column_name else "")
                    + f": {refusal.reason}"
                    for refusal in result.refused
                )
                + "\nCorrect the files in landing, or remove them, and run the refresh again.",
                metadata=metadata,
                allow_retries=False,
            )
        return dg.MaterializeResult(metadata=metadata)

    return load_entity


def run_window(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> tuple[date, date]:
    """First and last business date of a run, from its partition or range of partitions."""
    tags = context.run.tags
    first = tags.get("dagster/asset_partition_range_start") or tags.get("dagster/partition")
    last = tags.get("dagster/asset_partition_range_end") or tags.get("dagster/partition")
    if not first or not last:
        raise dg.Failure("a refresh needs business dates: choose a partition or a range of partitions")
    return date.fromisoformat(first), date.fromisoformat(last)
