"""RFC 9162 trees: against the vectors of Certificate Transparency and against the RFC's own recursive definition."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadInput
from ledger.trace.merkle import Tree, root_from_path, root_of, verify

# The eight inputs and roots of the Certificate Transparency reference tests (RFC 6962, the same tree as RFC 9162).
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_PATH_OF_LEAF_5_OF_8 = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]


def rfc_root(leaves: list[bytes]) -> bytes:
    """MTH as section 2.1.1 writes it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


def rfc_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH as section 2.1.3.1 writes it."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*rfc_path(index, leaves[:k]), rfc_root(leaves[k:])]
    return [*rfc_path(index - k, leaves[k:]), rfc_root(leaves[:k])]


def test_a_leaf_outside_the_tree_has_no_path() -> None:
    for index in (-1, 3):
        with pytest.raises(BadInput):
            Tree([b"a", b"b", b"c"]).path(index)


def test_the_root_of_no_leaves_is_the_hash_of_nothing() -> None:
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_of_certificate_transparency(size: int) -> None:
    assert root_of(CT_LEAVES[:size]).hex() == CT_ROOTS[size - 1]


def test_a_path_of_certificate_transparency() -> None:
    assert [node.hex() for node in Tree(CT_LEAVES).path(5)] == CT_PATH_OF_LEAF_5_OF_8


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_roots_and_paths_are_those_of_the_recursive_definition(leaves: list[bytes], data: st.DataObject) -> None:
    tree = Tree(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    assert tree.root == rfc_root(leaves)
    assert list(tree.path(index)) == rfc_path(index, leaves)
    assert verify(leaves[index], index, len(leaves), tree.path(index), tree.root)


@given(st.integers(0, 140))
def test_all_paths_at_once_are_the_paths_one_by_one(size: int) -> None:
    tree = Tree([str(n).encode() for n in range(size)])
    assert list(tree.paths()) == [tree.path(index) for index in range(size)]


@given(st.integers(1, 40), st.data())
def test_a_path_proves_one_leaf_at_one_place_in_one_tree(size: int, data: st.DataObject) -> None:
    leaves = [str(n).encode() for n in range(size)]
    tree = Tree(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = tree.path(index)

    assert not verify(b"another", index, size, path, tree.root)
    assert not verify(leaves[index], index, size, path, sha256(b"another").digest())
    assert not verify(leaves[index], index, size, [*path, path[-1] if path else bytes(32)], tree.root)
    for elsewhere in range(-1, size + 1):
        assert elsewhere == index or not verify(leaves[index], elsewhere, size, path, tree.root)
    if path:
        assert not verify(leaves[index], index, size, path[:-1], tree.root)
        changed = data.draw(st.integers(0, len(path) - 1))
        wrong = [*path[:changed], bytes(32), *path[changed + 1 :]]
        assert not verify(leaves[index], index, size, wrong, tree.root)
        short = [*path[:changed], path[changed][:31], *path[changed + 1 :]]
        assert root_from_path(leaves[index], index, size, short) is None
