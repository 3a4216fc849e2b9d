// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IMembers, Role, Standing} from "./interfaces/IMembers.sol";
import {IRules, Leg, LegKind} from "./interfaces/IRules.sol";
import {Consent} from "./libraries/Consent.sol";
import {Lines} from "./libraries/Lines.sol";
import {Split} from "./libraries/Split.sol";

/// @title Rules
/// @notice See IRules.
contract Rules is IRules, EIP712 {
    bytes32 private constant VERSION_TYPE =
        keccak256("RuleVersion(uint32 merchant,uint32 rule,uint32 version,uint32 base,bytes32 legsHash)");

    enum Signature {
        NotRequired,
        Missing,
        Given
    }

    struct Rule {
        uint32 merchant;
        uint16 versions; // proposed so far; an order keeps 16 bits of it, and 8 of its variant (ITiers)
        uint32 current; // in force; 0: none yet
        uint32 nestable; // in force where it is nested; 0: none yet
    }

    struct Version {
        bytes32 legsHash;
        uint64 minimumFen;
        uint32 base;
        uint8 missing; // signatures
        bool resolved; // by ITiers: it has steps or nested rules
        bool nestable;
    }

    IMembers public immutable members;

    uint32 private _count;
    mapping(uint32 rule => Rule) private _rules;
    mapping(uint32 rule => mapping(uint32 version => Version)) private _versions;
    mapping(uint32 rule => mapping(uint32 version => mapping(uint32 member => Signature))) private _signatures;

    /// @dev Packed, of those that are resolved or nestable.
    mapping(uint32 rule => mapping(uint32 version => bytes)) private _keptLegs;

    constructor(IMembers members_) EIP712("Suyuan", "1") {
        members = members_;
    }

    /// @inheritdoc IRules
    function propose(uint32 rule, Leg[] calldata legs, Leg[] calldata baseLegs)
        external
        returns (uint32 ruleId, uint32 version)
    {
        uint32 merchant = members.requireMayAct(msg.sender, Role.ANY, msg.sig);
        if (rule > _count) revert UnknownRule(rule);
        if (rule != 0 && _rules[rule].merchant != merchant) revert NotTheRulesMerchant(rule, merchant);
        Version memory proposed = _checked(legs);
        uint32 base = _rules[rule].current;
        _requireBaseLegs(rule, base, baseLegs);

        ruleId = rule == 0 ? ++_count : rule;
        _rules[ruleId].merchant = merchant;
        version = _nextVersion(ruleId);
        uint32[] memory required = Consent.required(legs, baseLegs);
        proposed.base = base;
        proposed.missing = uint8(required.length); // 64 at most
        _versions[ruleId][version] = proposed;
        if (proposed.resolved || proposed.nestable) _keptLegs[ruleId][version] = Split.pack(legs);
        for (uint256 i = 0; i < required.length; ++i) {
            _signatures[ruleId][version][required[i]] = Signature.Missing;
        }

        emit RuleProposed(ruleId, version, merchant, base, legs, proposed.legsHash, required);
    }

    /// @inheritdoc IRules
    function sign(uint32 rule, uint32 version, uint32 member, bytes calldata signature) external {
        _requireVersion(rule, version);
        Version storage proposed = _versions[rule][version];
        Signature given = _signatures[rule][version][member];
        if (given == Signature.NotRequired) revert NotRequired(rule, version, member);
        if (given == Signature.Given) revert AlreadySigned(rule, version, member);
        if (proposed.base != _rules[rule].current) revert BaseIsStale(rule, proposed.base, _rules[rule].current);
        address account = members.requireActive(member, msg.sig);
        // A malformed signature, or one with a high s, recovers to nobody.
        // slither-disable-next-line unused-return // why it failed is not told
        (address signer,,) = ECDSA.tryRecover(_digest(rule, version), signature);
        if (signer != account) revert WrongRuleSigner(member, signer);

        _signatures[rule][version][member] = Signature.Given;
        --proposed.missing;
        bool complete = proposed.missing == 0;
        if (complete) _rules[rule].current = version;
        if (complete && proposed.nestable) _rules[rule].nestable = version;

        emit RuleSigned(rule, version, member);
        if (complete) emit RuleAdopted(rule, version, proposed.legsHash);
    }

    /// @inheritdoc IRules
    function inForce(uint32 rule) external view returns (uint32 version, bytes32 legsHash, uint32 merchant) {
        version = _rules[rule].current;
        legsHash = _versions[rule][version].legsHash;
        merchant = _rules[rule].merchant;
    }

    /// @inheritdoc IRules
    function toPin(uint32 rule)
        external
        view
        returns (uint32 version, bytes32 legsHash, uint64 leastFen, bool resolved)
    {
        version = _rules[rule].current;
        Version storage pinned = _versions[rule][version];
        (legsHash, leastFen, resolved) = (pinned.legsHash, pinned.minimumFen, pinned.resolved);
    }

    /// @inheritdoc IRules
    function nestable(uint32 rule) external view returns (uint32 version) {
        return _rules[rule].nestable;
    }

    /// @inheritdoc IRules
    function keptLegs(uint32 rule, uint32 version) external view returns (bytes memory packed) {
        return _keptLegs[rule][version];
    }

    /// @inheritdoc IRules
    function legsHashOf(uint32 rule, uint32 version) external view returns (bytes32 legsHash) {
        legsHash = _versions[rule][version].legsHash;
        // One read suffices: what has no hash does not exist.
        if (legsHash == 0) _requireVersion(rule, version);
    }

    /// @inheritdoc IRules
    function digest(uint32 rule, uint32 version) external view returns (bytes32) {
        _requireVersion(rule, version);
        return _digest(rule, version);
    }

    /// @inheritdoc IRules
    function minimumFen(uint32 rule, uint32 version) external view returns (uint64 fen) {
        _requireVersion(rule, version);
        return _versions[rule][version].minimumFen;
    }

    function _digest(uint32 rule, uint32 version) private view returns (bytes32) {
        Version storage proposed = _versions[rule][version];
        return _hashTypedDataV4(
            keccak256(abi.encode(VERSION_TYPE, _rules[rule].merchant, rule, version, proposed.base, proposed.legsHash))
        );
    }

    function _requireVersion(uint32 rule, uint32 version) private view {
        if (rule == 0 || rule > _count) revert UnknownRule(rule);
        if (version == 0 || version > _rules[rule].versions) revert UnknownVersion(rule, version);
    }

    function _requireBaseLegs(uint32 rule, uint32 base, Leg[] calldata baseLegs) private view {
        bytes32 actual = baseLegs.length == 0 ? bytes32(0) : keccak256(Split.pack(baseLegs));
        bytes32 expected = _versions[rule][base].legsHash; // zero when none is in force
        if (actual != expected) revert LegsMismatch(expected, actual);
    }

    function _nextVersion(uint32 rule) private returns (uint32 version) {
        if (_rules[rule].versions == type(uint16).max) revert NoMoreVersions(rule);
        version = ++_rules[rule].versions;
    }

    /// @dev What the legs say of a version of theirs.
    function _checked(Leg[] calldata legs) private view returns (Version memory version) {
        (version.resolved, version.minimumFen) = Lines.check(legs);
        _requirePayees(legs);
        version.nestable = !version.resolved && legs.length <= Lines.MOST_NESTED_LEGS;
        version.legsHash = keccak256(Split.pack(legs));
    }

    /// @dev They are active, and what is nested is their own.
    function _requirePayees(Leg[] calldata legs) private view {
        for (uint256 i = 0; i < legs.length; ++i) {
            if (legs[i].kind == LegKind.Nested) _requireNestable(legs[i], i);
            Standing standing = members.get(legs[i].payee).standing;
            if (standing != Standing.Active) revert IMembers.MemberNotActive(legs[i].payee, standing);
        }
    }

    function _requireNestable(Leg calldata line, uint256 at) private view {
        Rule memory nested = _rules[uint32(line.value)];
        bool exists = line.value <= _count; // none has number 0
        if (!exists || nested.merchant != line.payee || nested.nestable == 0) revert BadNestedRule(at, line.value);
    }
}
