"""The rules that the graph of the models keeps, each as a function that names what breaks it.

They are those of dbt-project-evaluator, as far as they say something about a project that is published as a
copy, and our own: arrows one way, facts of their own date, history in intermediate models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from clientele.contracts import load_contracts

LAYERS = ("staging", "intermediate", "alerts", "marts")
"""From left to right; no model reads to the right of its own."""
MOST_PARENTS, MOST_LEAVES, MOST_VIEWS = 7, 3, 4
OPERATIONS = "operations"
"""The source that refreshes write themselves; no contract speaks of it."""


@dataclass(frozen=True)
class Model:
    """A model as the manifest has it.

    Attributes:
        name: Its name.
        path: Its file below ``models/``.
        parents: Models it reads.
        seeds: Policy it reads.
        sources: Sources it reads, as ``source.table``.
        kind: table, view, incremental or ephemeral.
        code: Its SQL before Jinja.
        said: Its description.
        meta: Its ``meta``.
        config: Its configuration.
        keys: Columns of each key test on it.
    """

    name: str
    path: PurePosixPath
    parents: tuple[str, ...]
    seeds: tuple[str, ...]
    sources: tuple[str, ...]
    kind: str
    code: str
    said: str
    meta: Mapping[str, Any]
    config: Mapping[str, Any]
    keys: tuple[tuple[str, ...], ...] = ()

    @property
    def layer(self) -> str:
        """The first folder."""
        return self.path.parts[0]

    @property
    def topic(self) -> str:
        """The folder it lies in."""
        return self.path.parent.name

    @property
    def is_seen_through(self) -> bool:
        """Whether it is computed again by whoever reads it."""
        return self.kind in ("view", "ephemeral")


@dataclass(frozen=True)
class Graph:
    """The models by name, and the sources with their descriptions."""

    models: Mapping[str, Model]
    sources: Mapping[str, Mapping[str, Any]]
    exposures: Mapping[str, tuple[str, ...]]

    def children(self, name: str) -> list[Model]:
        """The models that read a model."""
        return [model for model in self.models.values() if name in model.parents]

    def is_policy(self, name: str) -> bool:
        """Whether a model says what people decided and nothing of what was delivered."""
        model = self.models[name]
        return (
            bool(model.seeds or model.parents)
            and not model.sources
            and all(self.is_policy(parent) for parent in model.parents)
        )


Rule = Callable[[Graph], Iterator[str]]


def read(manifest: Mapping[str, Any]) -> Graph:
    """The graph of a manifest."""
    nodes = manifest["nodes"].values()
    keys: dict[str, list[tuple[str, ...]]] = {}
    for node in nodes:
        test = node.get("test_metadata") or {}
        if test.get("name") in ("key", "unique_combination"):
            keys.setdefault(node["attached_node"], []).append(tuple(test["kwargs"]["columns"]))
    models = {
        node["name"]: Model(
            name=node["name"],
            path=PurePosixPath(node["path"]),
            parents=_named(node, "model"),
            seeds=_named(node, "seed"),
            sources=tuple(dict.fromkeys(".".join(found) for found in node["sources"])),
            kind=node["config"]["materialized"],
            code=node["raw_code"],
            said=node["description"],
            meta=node["config"]["meta"],
            config=node["config"],
            keys=tuple(keys.get(node["unique_id"], [])),
        )
        for node in nodes
        if node["resource_type"] == "model"
    }
    sources = {f"{node['source_name']}.{node['name']}": node for node in manifest["sources"].values()}
    exposures = {node["name"]: _named(node, "model") for node in manifest["exposures"].values()}
    return Graph(models, sources, exposures)


def _named(node: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    found = (name.split(".") for name in node["depends_on"]["nodes"])
    return tuple(dict.fromkeys(parts[-1] for parts in found if parts[0] == kind))


def arrows_point_right(graph: Graph) -> Iterator[str]:
    for model in graph.models.values():
        for parent in model.parents:
            if LAYERS.index(graph.models[parent].layer) > LAYERS.index(model.layer):
                yield f"{model.name} reads {parent}, which lies to its right"


def facts_read_no_dimension_of_today(graph: Graph) -> Iterator[str]:
    for model in graph.models.values():
        for parent in model.parents:
            if not model.name.startswith("dim_") and parent.startswith("dim_"):
                yield f"{model.name} reads {parent}; join the customer as of the fact's own date"


def names_are_those_of_the_folder(graph: Graph) -> Iterator[str]:
    prefixes = {
        "staging": "stg_{topic}__",
        "intermediate": "int_{topic}__",
        "alerts": "(alert_|int_alerts__)",
        "marts": "(dim|fct)_",
    }
    for model in graph.models.values():
        if not re.match(prefixes[model.layer].format(topic=model.topic), model.name):
            yield f"{model.path} does not have the prefix of its folder"


def staging_reads_one_source_and_nothing_else_does(graph: Graph) -> Iterator[str]:
    for model in graph.models.values():
        if model.layer == "staging" and (len(model.sources) != 1 or model.parents or model.seeds):
            yield f"{model.name} must read one source and no model"
        if model.layer != "staging" and model.sources:
            yield f"{model.name} reads {', '.join(model.sources)} past staging"


def sources_are_read_once_and_lie_with_their_staging(graph: Graph) -> Iterator[str]:
    for name, source in graph.sources.items():
        readers = [model.name for model in graph.models.values() if name in model.sources]
        if len(readers) != 1:
            yield f"{name} is read by {readers or 'nobody'}"
        if PurePosixPath(source["original_file_path"]).parent.name != source["source_name"]:
            yield f"{name} is declared in {source['original_file_path']}"
        if not source["description"] or not source["source_description"]:
            yield f"{name} is not described"


def nothing_comes_from_nowhere(graph: Graph) -> Iterator[str]:
    for model in graph.models.values():
        if not (model.parents or model.sources or model.seeds):
            yield f"{model.name} reads nothing"


def everything_is_read_or_public(graph: Graph) -> Iterator[str]:
    for model in graph.models.values():
        if model.layer in ("intermediate", "alerts") and not graph.children(model.name):
            yield f"{model.name} is read by nobody"


def nothing_is_read_by_a_written_out_name(graph: Graph) -> Iterator[str]:
    written = re.compile(r"(?i)\b(?:from|join)\s+(?:\w+\.\w+|read_\w+|['\"])")
    for model in graph.models.values():
        if found := written.search(re.sub(r"--[^\n]*|\{#.*?#\}", "", model.code, flags=re.DOTALL)):
            yield f"{model.name} reads {found[0]!r} and not a ref or source"


def every_model_is_described(graph: Graph) -> Iterator[str]:
    for model in graph.models.values():
        if not model.said.startswith("One row per "):
            yield f"{model.name} does not say what a row is"


def every_table_has_a_key_that_is_tested(graph: Graph) -> Iterator[str]:
    """By gate 1 what is delivered, by gate 2 what is published, by dbt what is stored between.

    A view would be computed once more for its test; its key is looked at on the tiny bank.
    """
    contracts = load_contracts()
    for model in graph.models.values():
        key = tuple(model.meta.get("key", ()))
        if model.kind == "ephemeral":
            continue  # a piece of its readers' queries
        if not key:
            yield f"{model.name} has no key"
        elif model.layer == "staging":
            source, _, entity = model.sources[0].partition(".")
            if source != OPERATIONS and key != (*contracts[entity].key, "delivered_on"):
                yield f"{model.name} has another key than the contract, {', '.join(contracts[entity].key)}"
        elif model.layer != "marts" and not model.is_seen_through and key not in model.keys:
            yield f"{model.name} has no test of its key"


def no_step_is_read_around(graph: Graph) -> Iterator[str]:
    """What one model alone reads holds history, or takes from that model's other parents what it hands on.

    Policy may be read by each step that it decides.
    """
    for model in graph.models.values():
        readers = graph.children(model.name)
        if len(readers) != 1 or model.kind == "incremental":
            continue
        twice = set(model.parents) & set(readers[0].parents)
        if twice := {name for name in twice if not graph.is_policy(name)}:
            yield f"{readers[0].name} reads {', '.join(sorted(twice))} beside {model.name}, which does too"


def no_model_joins_or_feeds_too_many(graph: Graph) -> Iterator[str]:
    for model in graph.models.values():
        read = len(model.parents) + len(model.seeds)
        if read > MOST_PARENTS:
            yield f"{model.name} reads {read} tables"
        leaves = [child.name for child in graph.children(model.name) if not graph.children(child.name)]
        if len(leaves) > MOST_LEAVES:
            yield f"{model.name} feeds {', '.join(leaves)}; put what they share into a model"


def views_are_not_stacked_high(graph: Graph) -> Iterator[str]:
    def height(name: str) -> int:
        model = graph.models[name]
        if not model.is_seen_through:
            return 0
        return 1 + max((height(parent) for parent in model.parents), default=0)

    for name in graph.models:
        if height(name) > MOST_VIEWS:
            yield f"{name} is the {height(name)}th view in a row"


def public_tables_are_contracted_and_keep_no_history(graph: Graph) -> Iterator[str]:
    for model in graph.models.values():
        public = model.config["access"] == "public"
        if public != (model.layer == "marts"):
            yield f"{model.name} is {'' if public else 'not '}public in {model.layer}"
        if public and not model.config["contract"]["enforced"]:
            yield f"{model.name} has no contract"
        if public and model.kind == "incremental":
            yield f"{model.name} keeps history; let it show an intermediate model"
    for exposure, parents in graph.exposures.items():
        for parent in parents:
            if graph.models[parent].layer != "marts":
                yield f"{exposure} shows {parent}, which is not public"


def history_is_replaced_by_the_one_strategy(graph: Graph) -> Iterator[str]:
    for model in graph.models.values():
        if model.config["pre-hook"] or model.config["post-hook"]:
            yield f"{model.name} has a hook"
        if model.kind == "incremental":
            if model.config["incremental_strategy"] != "replace":
                yield f"{model.name} has a strategy of its own, {model.config['incremental_strategy']}"
            if model.meta.get("replaces") not in ("snapshots", "deliveries", "days", "months"):
                yield f"{model.name} does not say what a run replaces"


RULES: tuple[Rule, ...] = (
    arrows_point_right,
    facts_read_no_dimension_of_today,
    names_are_those_of_the_folder,
    staging_reads_one_source_and_nothing_else_does,
    sources_are_read_once_and_lie_with_their_staging,
    nothing_comes_from_nowhere,
    everything_is_read_or_public,
    nothing_is_read_by_a_written_out_name,
    every_model_is_described,
    every_table_has_a_key_that_is_tested,
    no_step_is_read_around,
    no_model_joins_or_feeds_too_many,
    views_are_not_stacked_high,
    public_tables_are_contracted_and_keep_no_history,
    history_is_replaced_by_the_one_strategy,
)
