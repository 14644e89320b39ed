"""`manage.py convert`: what is printed, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imports.command import main
from imports.sniffing import names_objects
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.file import parse_workflow_file

TEXT = "services: {web: {image: a, ulimits: {nofile: 5}, ports: ['80'], profiles: [extra]}, db: {image: postgres:16}}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "compose.yaml"
    found.write_text(TEXT)
    return found


def test_it_prints_a_workflow_file_manifests_or_a_report(file: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(file), "--workflow"], the_catalog) == 0
    _, graph = parse_workflow_file(capsys.readouterr().out, the_catalog())
    assert [node["id"] for node in graph["nodes"]] == ["db", "db-service"]
    assert main([str(file), "--manifests", "--namespace", "shop"], the_catalog) == 0
    assert capsys.readouterr().out.count("namespace: shop") == 2
    assert main([str(file), "--report", "--profile", "extra"], the_catalog) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["counts"] == {"converted": 8, "approximated": 0, "decision": 0, "left_out": 0, "dropped": 1}
    assert [one["node_id"] for one in report["services"]] == ["web", "db"]


def test_strict_ends_with_3_where_something_is_dropped(file: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(file), "--report", "--strict"], the_catalog) == 0
    assert main([str(file), "--report", "--strict", "--profile", "extra"], the_catalog) == 3
    assert ": services.web.ulimits is dropped: the container runtime" in capsys.readouterr().err


def test_answers_choose_profiles_and_kinds_and_are_refused_when_they_are_none(
    file: Path, capsys: pytest.CaptureFixture[str]
):
    answers = file.parent / "answers.json"
    answers.write_text(json.dumps({"profile/extra": "yes", "service/web/kind": "daemonset"}))
    assert main([str(file), "--manifests", "--answers", str(answers)], the_catalog) == 0
    assert "kind: DaemonSet" in capsys.readouterr().out
    for wrong, said in (
        ('{"service/db/kind": "pod"}', "not an answer to service/db/kind"),
        ("[]", "must be an object"),
    ):
        answers.write_text(wrong)
        assert main([str(file), "--manifests", "--answers", str(answers)], the_catalog) == 1
        assert said in capsys.readouterr().err


def test_it_says_what_printed_objects_lack(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "compose.yaml"
    file.write_text(
        "name: shop\n"
        "services:\n"
        "  api: {build: ., depends_on: [db]}\n"
        "  db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: hunter2}}\n"
        "  mail: {image: mailhog, profiles: [dev]}\n"
    )
    assert main([str(file), "--manifests"], the_catalog) == 0
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "Secret db-env is printed without the values of POSTGRES_PASSWORD; add them",
        "apply api after db; kubectl does not wait",
        "the image shop-api has to be built and pushed; service/api/image answers with another one",
        "mail is left out: it belongs to the profile dev, which was not chosen",
    ]


def test_a_folder_stands_for_the_files_that_compose_takes_by_itself(file: Path, capsys: pytest.CaptureFixture[str]):
    folder, empty = file.parent, file.parent / "empty"
    (folder / "compose.override.yml").write_text("services: {db: {image: 'mysql:8'}}")
    (folder / "docker-compose.yml").write_text("services: {other: {image: a}}")
    (folder / "k8s").mkdir()
    (folder / "k8s" / "web.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    empty.mkdir()
    assert not names_objects([str(folder), "--report"])
    assert names_objects([str(folder / "k8s"), "--report"])
    assert main([str(folder), "--manifests"], the_catalog) == 0
    printed = capsys.readouterr().out
    assert "mysql:8" in printed
    assert "other" not in printed
    for wrong in ([str(empty)], [str(file), str(empty)]):
        assert main([*wrong, "--report"], the_catalog) == 1
        assert f"{empty} is a folder without a Compose file (compose.yaml, " in capsys.readouterr().err
    assert main([str(file), "--env-file", str(empty), "--report"], the_catalog) == 1
    assert f"{empty} is a folder; name a file" in capsys.readouterr().err
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    assert names_objects([str(folder), "--report"])


def test_what_the_project_does_not_have_is_refused_by_name(file: Path, capsys: pytest.CaptureFixture[str]):
    answers = file.parent / "answers.json"
    answers.write_text('{"service/nope/kind": "job"}')
    needing = file.parent / "needing.yaml"
    needing.write_text("services: {web: {image: a, env_file: [gone.env]}}")
    for arguments, said in (
        (
            [str(file), "--answers", str(answers)],
            "service/nope/kind is not a decision of this project; there are: profile/extra, ",
        ),
        ([str(file), "--environment", "NOT_SET_ANYWHERE"], "the shell has no variable NOT_SET_ANYWHERE"),
        ([str(file), "--env", "NAME"], "--env NAME has no value; write --env NAME=VALUE"),
        ([str(file), "--answers", f"{answers}.gone"], "answers.json.gone does not exist"),
        ([str(file), "--profile", "nope"], "no service has the profile nope; there are: extra"),
        ([f"{file}.gone"], "compose.yaml.gone does not exist"),
        ([str(needing)], "the env file gone.env does not exist"),
    ):
        assert main([*arguments, "--report"], the_catalog) == 1
        assert said in capsys.readouterr().err


def test_a_link_out_of_the_folder_is_called_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "shop"
    folder.mkdir()
    (tmp_path / "own.env").write_text("A=1")
    (folder / "link.env").symlink_to("../own.env")
    (folder / "here.env").symlink_to("true.env")
    (folder / "true.env").write_text("B=2")
    (folder / "compose.yaml").write_text("services: {web: {image: a, env_file: [here.env, link.env]}}")
    assert main([str(folder), "--model"], the_catalog) == 1
    assert "link.env is a link out of the folder" in capsys.readouterr().err
    (folder / "link.env").unlink()
    assert main([str(folder), "--model"], the_catalog) == 1
    assert "link.env does not exist" in capsys.readouterr().err


def test_a_folder_that_is_a_link_to_itself_is_not_entered(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "a.conf").write_text("listen 80\n")
    (tmp_path / "conf" / "again").symlink_to(".")
    file = tmp_path / "compose.yaml"
    file.write_text("services: {web: {image: a, volumes: ['./conf:/etc/conf:ro']}}")
    assert main([str(file), "--workflow"], the_catalog) == 0
    printed = capsys.readouterr().out
    assert printed.count("listen 80") == 1


def test_variables_of_the_shell_are_read_where_they_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TAG", "2.0")
    monkeypatch.setenv("NAME", "shell")
    file = tmp_path / "compose.yaml"
    file.write_text("services: {web: {image: 'a:${TAG:-none}', environment: {NAME: '${NAME:-none}'}}}")
    for arguments, found in (
        ([], ("a:none", "none")),
        (["--environment", "TAG", "--env", "NAME=given"], ("a:2.0", "given")),
    ):
        assert main([str(file), "--model", *arguments], the_catalog) == 0
        web = json.loads(capsys.readouterr().out)["services"]["web"]
        assert (web["image"], web["environment"]["NAME"]) == found
