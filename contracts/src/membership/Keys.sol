// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IKeys, KeyKind} from "../interfaces/IKeys.sol";
import {IMembers, Role, Standing} from "../interfaces/IMembers.sol";
import {Governed} from "./Governed.sol";

/// @title Keys
/// @notice See IKeys.
abstract contract Keys is IKeys, Governed, EIP712 {
    bytes32 private constant ACCEPTANCE_TYPE = keccak256("KeyAccepted(uint32 member,address key,uint64 nonce)");
    uint64 private constant YEAR_10000 = 253_402_300_800;

    /// @dev 232 bits: one slot a member, and one a key, since every act reads both.
    struct Record {
        address account;
        uint32 roles;
        Standing standing;
        uint32 epoch; // how often its account was reset
    }

    struct StoredKey {
        uint32 member;
        uint32 roles;
        uint64 until;
        KeyKind kind;
        uint32 epoch; // of the member when the key was set: an older one is revoked
    }

    /// @inheritdoc IKeys
    mapping(uint32 member => uint64 nonce) public keyNonce;

    mapping(uint32 member => Record) internal _members;
    mapping(address key => StoredKey) private _keys;

    constructor() EIP712("Suyuan", "1") {}

    // --- the member's own acts ---

    /// @inheritdoc IKeys
    function rotateAccount(address to, bytes calldata acceptance) external {
        uint32 member = _memberOfAccount(msg.sender);
        _requireUnused(to);
        _accept(member, to, acceptance);

        _keys[msg.sender].kind = KeyKind.Revoked;
        _setAccount(member, to);

        emit AccountRotated(member, msg.sender, to);
    }

    /// @inheritdoc IKeys
    function setOperator(address key, uint32 roles, uint64 until, bytes calldata acceptance) external {
        uint32 member = _memberOfAccount(msg.sender);
        if (roles & (Role.ANY | Role.TREASURY) == 0 || roles & Role.COUNCIL != 0) revert BadOperatorRoles(roles);
        if (until <= block.timestamp || until >= YEAR_10000) revert BadUntil(until, uint64(block.timestamp));
        StoredKey memory standing = _keys[key];
        if (standing.member != member || standing.kind != KeyKind.Operator) {
            _requireUnused(key);
            _accept(member, key, acceptance);
        } else if (standing.epoch != _members[member].epoch) {
            revert KeyIsRevoked(key, member);
        }

        _keys[key] = StoredKey(member, roles, until, KeyKind.Operator, _members[member].epoch);

        emit OperatorSet(member, key, roles, until);
    }

    /// @inheritdoc IKeys
    function revokeKey(address key) external {
        StoredKey memory standing = _keys[key];
        uint32 member = msg.sender == key ? standing.member : _memberOfAccount(msg.sender);
        if (member == 0) revert NotMember(msg.sender);
        if (standing.member != member || standing.kind == KeyKind.Account) revert NotOperatorOf(member, key);
        if (standing.kind == KeyKind.Revoked) return;

        _keys[key].kind = KeyKind.Revoked;

        emit KeyRevoked(member, key);
    }

    // --- the governor's ---

    /// @inheritdoc IKeys
    function resetAccount(uint32 member, address to, bytes calldata acceptance) external onlyGovernor {
        address from = _members[member].account;
        if (from == address(0)) revert IMembers.UnknownMember(member);
        _requireUnused(to);
        _accept(member, to, acceptance);

        _keys[from].kind = KeyKind.Revoked;
        ++_members[member].epoch; // whoever held the lost key may have set operators
        _setAccount(member, to);

        emit AccountReset(member, from, to);
    }

    // --- reads ---

    /// @inheritdoc IKeys
    function keyOf(address key) external view returns (Key memory) {
        StoredKey memory standing = _keys[key];
        bool revoked = standing.epoch != _members[standing.member].epoch;
        return Key(standing.member, standing.roles, standing.until, revoked ? KeyKind.Revoked : standing.kind);
    }

    /// @inheritdoc IKeys
    function hashKeyAccepted(uint32 member, address key) public view returns (bytes32 digest) {
        return _hashTypedDataV4(keccak256(abi.encode(ACCEPTANCE_TYPE, member, key, keyNonce[member])));
    }

    // --- for Members ---

    /// @dev Reverts for a key that is or was anyone's.
    function _requireUnused(address key) internal view {
        if (key == address(0)) revert ZeroAccount();
        StoredKey memory standing = _keys[key];
        if (standing.member != 0) revert AccountTaken(key, standing.member);
    }

    function _setAccount(uint32 member, address account) internal {
        _members[member].account = account;
        _keys[account] = StoredKey(member, type(uint32).max, type(uint64).max, KeyKind.Account, _members[member].epoch);
    }

    /// @dev The member whose account this is, whatever its standing.
    function _memberOfAccount(address account) internal view returns (uint32 member) {
        StoredKey memory key = _keys[account];
        if (key.member == 0) revert NotMember(account);
        if (key.kind == KeyKind.Revoked) revert KeyIsRevoked(account, key.member);
        if (key.kind != KeyKind.Account) revert NotTheAccount(account, key.member);
        return key.member;
    }

    /// @dev The member whose key this is, whatever its standing, and what the key may do for it.
    function _memberOfKey(address account) internal view returns (uint32 member, uint32 roles, Standing standing) {
        // Storage pointers: nothing is written, and the compiler reads each slot once.
        StoredKey storage key = _keys[account];
        member = key.member;
        if (member == 0) revert NotMember(account);
        Record storage record = _members[member];
        if (key.kind == KeyKind.Revoked || key.epoch != record.epoch) revert KeyIsRevoked(account, member);
        if (block.timestamp > key.until) revert KeyHasEnded(account, key.until, uint64(block.timestamp));
        roles = (record.roles | Role.TREASURY) & key.roles;
        standing = record.standing;
    }

    /// @dev Uses up the member's nonce: an acceptance holds once, and none that was given before holds any more.
    function _accept(uint32 member, address key, bytes calldata acceptance) private {
        // A malformed signature, or one with a high s, recovers to nobody.
        // slither-disable-next-line unused-return // why it failed is not told
        (address signer,,) = ECDSA.tryRecover(hashKeyAccepted(member, key), acceptance);
        if (signer != key) revert KeyNotAccepted(key, signer);

        ++keyNonce[member];
    }
}
