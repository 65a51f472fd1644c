"""The translators: DeltaLM against the published code, MarianMT against transformers, loading."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import torch
from transformers import MarianMTModel, MarianTokenizer

from tests import tiny_translators as pair
from tests.oracles import DELTALM, oracle, published_deltalm
from tests.record_oracles import deltalm_greedy, deltalm_logits
from tests.tiny_weights import fill
from vlm import ModelError
from vlm.translate import TRANSLATORS, load_translator
from vlm.translate.deltalm import DeltalmConfig, DeltalmForConditionalGeneration, DeltalmTokenizer
from vlm.translate.marian import Codec

RECORDED = json.loads((Path(__file__).parent / "data" / "deltalm.json").read_text())
TEXTS = ["图中是什么", "一只猫扔了红色的球", "是的 不是", "这只狗，那只猫。你好！", "a cat"]


@pytest.fixture(scope="module")
def net() -> Any:
    return fill(DeltalmForConditionalGeneration(DeltalmConfig(**pair.DELTALM)))


@pytest.fixture(scope="module")
def published() -> Any:
    return published_deltalm(pair.DELTALM)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("translators")
    return {"marian": pair.make_marian(root / "m"), "deltalm": pair.make_deltalm(root / "d")}


def test_deltalm_has_the_published_names_and_loads_them_strictly(net: Any, published: Any) -> None:
    fresh = DeltalmForConditionalGeneration(DeltalmConfig(**pair.DELTALM)).eval()
    fresh.load_state_dict(published.state_dict(), strict=True)
    assert torch.equal(deltalm_logits(fresh), deltalm_logits(net))


def test_deltalm_equals_the_published_code(net: Any, published: Any) -> None:
    ours, theirs = deltalm_logits(net), deltalm_logits(published)
    assert torch.allclose(ours, theirs, rtol=0, atol=1e-4)
    assert cached_greedy(net, 20) == deltalm_greedy(published, 20)


def cached_greedy(net: Any, steps: int) -> list[Any]:
    ids, mask = pair.padded()
    return net.generate(
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=steps,
        do_sample=False,
        eos_token_id=None,
        forced_eos_token_id=None,
    ).tolist()


def test_deltalm_equals_the_recorded_numbers(net: Any) -> None:
    rows = deltalm_logits(net)[:, -1, :12]
    assert torch.allclose(rows, torch.tensor(RECORDED["logits"]), rtol=0, atol=1e-4)
    assert cached_greedy(net, 12) == RECORDED["greedy"]


def test_deltalms_default_configuration_is_the_published_one_of_362_million() -> None:
    with torch.device("meta"):
        # The published default width, 1024, is not the base model's: config.json says 768.
        net = DeltalmForConditionalGeneration(DeltalmConfig(d_model=768, vocab_size=250002))
    net.tie_weights()
    # 192 M embeddings; 24 attentions of 4 d² and 24 feed-forward parts of 8 d².
    assert sum(p.numel() for p in net.parameters()) == pytest.approx(362e6, rel=0.01)
    assert net.config.decoder_start_token_id == 0
    assert net.config.forced_eos_token_id == 2


def test_deltalms_ids_are_xlm_rs(folders: dict[str, Path]) -> None:
    tokenizer = DeltalmTokenizer(folders["deltalm"] / "spm.model")
    inner = sentencepiece.SentencePieceProcessor(model_file=str(folders["deltalm"] / "spm.model"))
    first = inner.encode("猫")
    assert tokenizer.encode("猫") == [0, *(i + 1 for i in first), 2]
    assert 3 in tokenizer.encode("猫☃")  # sentencepiece's <unk> is 0, XLM-R's 3
    for text in TEXTS[:3]:
        ids = tokenizer.encode(text)
        assert tokenizer.decode([0, *ids, 1, 1, inner.vocab_size() + 1]) == text
        pieces = inner.encode(text, out_type=str)
        theirs = oracle_ids(pieces, folders["deltalm"] / "spm.model")
        assert theirs is None or ids[1:] == theirs


def oracle_ids(pieces: Any, file: Path) -> Any:
    """The published tokenizer's ids of pieces and end sign; None where it is absent."""

    class Base:
        def __init__(self, **settings: Any) -> None:
            self.__dict__.update(settings)

    try:
        gone: dict[str, Any] = {"transformers.tokenization_utils": {"PreTrainedTokenizer": Base}}
        module = oracle(DELTALM, "tokenizer_deltalm", gone)
    except pytest.skip.Exception:
        return None
    theirs = module.DeltalmTokenizer(str(file))
    theirs.eos_token_id = 2
    ids = [theirs._convert_token_to_id(p) for p in pieces]
    return theirs.build_inputs_with_special_tokens(ids)


@pytest.mark.slow
def test_marian_translates_as_transformers_does_one_by_one(folders: dict[str, Path]) -> None:
    net: Any = MarianMTModel.from_pretrained(folders["marian"])  # two beams, says its config.json
    tokenizer = MarianTokenizer.from_pretrained(folders["marian"])
    translator = load_translator(str(folders["marian"]), device="cpu")
    made = translator.translate(TEXTS)
    assert len(set(made)) > 2
    for text, got in zip(TEXTS, made, strict=True):
        ids = net.generate(**tokenizer(text, return_tensors="pt"), max_length=24)
        assert got == tokenizer.decode(ids[0], skip_special_tokens=True)


@pytest.mark.parametrize("kind", ["marian", "deltalm"])
def test_a_translator_keeps_order_and_translates_nothing_twice(
    folders: dict[str, Path], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    translator: Any = load_translator(str(folders[kind]), device="cpu")
    assert translator.kind == kind
    rows = []
    real = translator.net.generate
    monkeypatch.setattr(
        translator.net, "generate", lambda **k: rows.append(len(k["input_ids"])) or real(**k)
    )
    twice = translator.translate([*TEXTS, TEXTS[0]])
    assert twice[0] == twice[-1]
    assert translator.translate(TEXTS[::-1]) == twice[-2::-1]
    assert translator.translate([]) == []
    assert sum(rows) == len(TEXTS)
    assert all("\n" not in text for text in twice)


@pytest.mark.parametrize("kind", ["marian", "deltalm"])
def test_a_text_that_is_too_long_is_refused_not_cut(folders: dict[str, Path], kind: str) -> None:
    with pytest.raises(ModelError, match=r"too long for the translator .* takes 24"):
        load_translator(str(folders[kind]), device="cpu").translate(["猫狗" * 30])


@pytest.mark.slow
def test_the_revision_follows_the_files(folders: dict[str, Path], tmp_path: Path) -> None:
    again = pair.make_deltalm(tmp_path / "again")
    first = load_translator(str(folders["deltalm"]), device="cpu").revision
    assert load_translator(str(again), device="cpu").revision == first
    state = torch.load(again / "pytorch_model.bin", weights_only=True)
    state["model.decoder.layers.0.fc3.bias"] += 1
    torch.save(state, again / "pytorch_model.bin")
    assert load_translator(str(again), device="cpu").revision != first


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("hostile-code-ran"),))


@pytest.mark.parametrize("kind", ["marian", "deltalm"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("missing key", "missing keys: .*encoder.layers.0.fc1.weight"),
        ("unexpected key", "unexpected keys: extra.weight"),
        ("code", "cannot load the translator"),
        ("no weights", "cannot load the translator"),
        ("no tokenizer", "tokenizer|sentencepiece"),
        ("no config", "config.json is missing"),
    ],
)
def test_a_damaged_translator_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, damage: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = {"marian": pair.make_marian, "deltalm": pair.make_deltalm}[kind](tmp_path / "t")
    weights = folder / "pytorch_model.bin"
    state = torch.load(weights, weights_only=True)
    if damage == "missing key":
        del state["model.encoder.layers.0.fc1.weight"]
    elif damage == "unexpected key":
        state["extra.weight"] = torch.zeros(2)
    torch.save(state, weights)
    if damage == "code":
        weights.write_bytes(pickle.dumps({"a": Hostile()}))
    elif damage == "no weights":
        weights.unlink()
    elif damage == "no tokenizer":
        (folder / ("spm.model" if kind == "deltalm" else "source.spm")).unlink()
    elif damage == "no config":
        (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=message) as caught:
        load_translator(str(folder), device="cpu")
    assert "\n" not in str(caught.value)
    assert not Path("hostile-code-ran").exists()


def test_names_that_mean_no_translator_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="unknown translator 'marain'; there are marian, deltalm"):
        load_translator("marain")
    with pytest.raises(ModelError, match="unknown direction 'zh'"):
        load_translator("marian", "zh")
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')
    with pytest.raises(ModelError, match="model_type 't5'; there are translators for marian"):
        load_translator(str(tmp_path))


def test_short_names_stand_for_a_pair() -> None:
    assert all(len(pair) == 2 for pair in TRANSLATORS.values())
    assert TRANSLATORS["deltalm"][0].endswith("Zh-En")
    assert TRANSLATORS["marian"][1].endswith("en-zh")


def test_a_translator_from_the_hub_comes_with_its_sentencepiece_files(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    taken = []

    def snapshot(source: str, revision: str | None, allow_patterns: Any) -> str:
        taken.append((source, tuple(allow_patterns)))
        return str(folders["marian"])

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    monkeypatch.setattr(
        huggingface_hub, "hf_hub_download", lambda source, name, **_: str(folders["marian"] / name)
    )
    made = load_translator("marian", "en-zh", "cpu")
    assert made.translate(TEXTS[:1]) == load_translator(str(folders["marian"])).translate(TEXTS[:1])
    assert {source for source, _ in taken} == {"Helsinki-NLP/opus-mt-en-zh"}
    assert any("*.spm" in patterns for _, patterns in taken)


def test_a_model_of_several_targets_is_told_simplified_chinese(tmp_path: Path) -> None:
    codes = (">>cmn_Hant<<", ">>cmn_Hans<<", ">>yue<<")
    several = Codec(pair.make_marian(tmp_path / "several", "en", "zh", codes))
    single = Codec(pair.make_marian(tmp_path / "single", "en", "zh"))
    vocabulary = json.loads((tmp_path / "several" / "vocab.json").read_text())
    ids = several.encode(TEXTS[0])
    assert ids[0] == vocabulary[">>cmn_Hans<<"]
    assert len(ids) == len(single.encode(TEXTS[0])) + 1
