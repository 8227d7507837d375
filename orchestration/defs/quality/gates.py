"""The two gates as blocking asset checks."""

import dagster as dg

from clientele.contracts import Contract
from expectations.results import CheckResult
from expectations.runner import run_gate_1, run_gate_2
from orchestration import releases
from orchestration.building import warehouse
from orchestration.defs.landing.assets import raw_key, run_window
from orchestration.defs.publish.assets import CANDIDATE
from orchestration.defs.resources import RefreshResource


def gate_1(contract: Contract) -> dg.AssetChecksDefinition:
    """Gate 1 for one entity: what was loaded meets its contract."""

    @dg.asset_check(
        asset=raw_key(contract.name),
        name="gate_1",
        description="Contract, keys, references, freshness, volume and rejected share of what was loaded.",
        blocking=True,
    )
    def check_entity(context: dg.AssetCheckExecutionContext, refresh: RefreshResource) -> dg.AssetCheckResult:
        first, last = run_window(context)
        # Days before the window that were loaded or judged again are judged with it: the models take them in.
        state = warehouse.built_state(refresh.settings)
        unbuilt = warehouse.unbuilt_dates(refresh.settings, contract.name, state) if state else set()
        first = min({first, *unbuilt})
        stage = f"gate_1-{contract.name}"
        results = run_gate_1(
            refresh.settings, refresh.contracts, contract.name, first, last, keep=refresh.keep(stage)
        )
        refresh.record_checks(context.run.run_id, stage, results)
        return verdict(results)

    return check_entity


@dg.asset_check(
    asset=CANDIDATE,
    name="gate_2",
    description="Contracts, privacy, reconciliation and drift of the release candidate.",
    blocking=True,
)
def gate_2(context: dg.AssetCheckExecutionContext, refresh: RefreshResource) -> dg.AssetCheckResult:
    """Gate 2: the candidate is good enough to show."""
    settings, manifest = refresh.settings, refresh.manifest
    plan = refresh.plan(*run_window(context))
    shown = releases.current(settings)
    results = run_gate_2(
        settings,
        candidate=releases.candidate_file(settings, context.run.run_id),
        previous=shown.file if shown else None,
        as_of=plan.as_of,
        public_tables=manifest.public_columns(),
        keys=manifest.public_keys(),
        contracts=refresh.contracts,
        is_new_version=bool(shown)
        and shown is not None
        and shown.state.model_version != plan.target.model_version,
        keep=refresh.keep("gate_2"),
    )
    refresh.record_checks(context.run.run_id, "gate_2", results)
    return verdict(results)


def verdict(results: list[CheckResult]) -> dg.AssetCheckResult:
    """Sum up a gate; a gate without any check has failed."""
    failed = [result for result in results if result.is_blocking]
    warned = [result for result in results if result.status == "warned"]
    lines = [
        f"{result.entity} {result.check_name}: {result.observed} (expected: {result.expected})"
        + "".join(f"\n    {example}" for example in result.examples)
        for result in failed + warned
    ]
    return dg.AssetCheckResult(
        passed=bool(results) and not failed,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(lines) or f"{len(results)} checks",
        metadata={
            "checks": len(results),
            "failed": len(failed),
            "warned": len(warned),
            "not_applicable": sum(result.status == "not_applicable" for result in results),
        },
    )
