// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "./interfaces/ICredit.sol";
import {IRules, Leg} from "./interfaces/IRules.sol";
import {ITiers} from "./interfaces/ITiers.sol";
import {Lines} from "./libraries/Lines.sol";
import {Months} from "./libraries/Months.sol";
import {Split} from "./libraries/Split.sol";

/// @title Tiers
/// @notice See ITiers.
contract Tiers is ITiers {
    IRules public immutable rules;
    ICredit public immutable credit;

    mapping(uint32 member => mapping(uint256 month => uint256 fen)) private _volumes;
    mapping(uint256 ruleAndVersion => uint8) private _variants; // opened so far
    mapping(uint256 ruleAndVersion => mapping(uint256 outcome => uint8)) private _variantOf; // 0: not opened
    mapping(uint256 ruleAndVersion => mapping(uint8 variant => bytes32)) private _legsHashes;

    constructor(IRules rules_, ICredit credit_) {
        rules = rules_;
        credit = credit_;
    }

    /// @inheritdoc ITiers
    function pin(uint32 rule, uint32 version, uint256 amountFen) external returns (uint8 variant, bytes32 legsHash) {
        if (!credit.isAdmitted(msg.sender)) revert NotAnEscrow(msg.sender);
        bytes memory lines = rules.keptLegs(rule, version);
        uint256 month = Months.at(block.timestamp);
        uint32[] memory payees = Lines.tieredPayees(lines);
        uint8[] memory tiers = Lines.tiers(lines, _volumesOf(payees, month - 1));
        (uint32[] memory nestedRules, uint32[] memory nestedVersions) = _nestedIn(lines);

        _addVolume(payees, month, amountFen);
        uint256 key = uint256(rule) << 32 | version;
        variant = _variantOf[key][_outcome(tiers, nestedVersions)];
        if (variant != 0) return (variant, _legsHashes[key][variant]);
        return _open(
            rule, version, tiers, nestedVersions, Lines.resolve(lines, tiers, _keptLegs(nestedRules, nestedVersions))
        );
    }

    function _open(uint32 rule, uint32 version, uint8[] memory tiers, uint32[] memory nestedVersions, bytes memory legs)
        private
        returns (uint8 variant, bytes32 legsHash)
    {
        uint256 key = uint256(rule) << 32 | version;
        if (_variants[key] == type(uint8).max) revert NoMoreVariants(rule, version);

        variant = ++_variants[key];
        legsHash = keccak256(legs);
        _variantOf[key][_outcome(tiers, nestedVersions)] = variant;
        _legsHashes[key][variant] = legsHash;

        emit VariantOpened(rule, version, variant, tiers, nestedVersions, legs, legsHash);
    }

    function _volumesOf(uint32[] memory payees, uint256 month) private view returns (uint256[] memory volumesFen) {
        volumesFen = new uint256[](payees.length);
        for (uint256 i = 0; i < payees.length; ++i) {
            volumesFen[i] = _volumes[payees[i]][month];
        }
    }

    /// @dev A payee with two such shares is counted once.
    function _addVolume(uint32[] memory payees, uint256 month, uint256 amountFen) private {
        for (uint256 i = 0; i < payees.length; ++i) {
            bool again = false;
            for (uint256 j = 0; j < i; ++j) {
                again = again || payees[j] == payees[i];
            }
            if (!again) _volumes[payees[i]][month] += amountFen;
        }
    }

    function _nestedIn(bytes memory lines)
        private
        view
        returns (uint32[] memory nestedRules, uint32[] memory nestedVersions)
    {
        nestedRules = Lines.nestedRules(lines);
        nestedVersions = new uint32[](nestedRules.length);
        for (uint256 i = 0; i < nestedRules.length; ++i) {
            nestedVersions[i] = rules.nestable(nestedRules[i]);
        }
    }

    function _keptLegs(uint32[] memory nestedRules, uint32[] memory nestedVersions)
        private
        view
        returns (bytes[] memory nested)
    {
        nested = new bytes[](nestedRules.length);
        for (uint256 i = 0; i < nestedRules.length; ++i) {
            nested[i] = rules.keptLegs(nestedRules[i], nestedVersions[i]);
        }
    }

    /// @dev One number for all that was chosen: 4 tiers of 2 bits, 2 versions of 16 bits; the lengths are the version's own.
    function _outcome(uint8[] memory tiers, uint32[] memory nestedVersions) private pure returns (uint256 outcome) {
        for (uint256 i = 0; i < tiers.length; ++i) {
            outcome = outcome << 2 | tiers[i];
        }
        for (uint256 i = 0; i < nestedVersions.length; ++i) {
            outcome = outcome << 16 | nestedVersions[i];
        }
    }

    // --- reads ---

    /// @inheritdoc ITiers
    function volumeFen(uint32 member, uint256 month) external view returns (uint256) {
        return _volumes[member][month];
    }

    /// @inheritdoc ITiers
    function monthOf(uint256 timestamp) external pure returns (uint256) {
        return Months.at(timestamp);
    }

    /// @inheritdoc ITiers
    function allocate(uint64 amountFen, Leg[] calldata legs, uint256[] calldata volumesFen, Leg[][] calldata nested)
        external
        pure
        returns (uint64[] memory amountsFen)
    {
        if (amountFen > Split.MOST_FEN) revert IRules.AmountTooLarge(amountFen);
        // slither-disable-next-line unused-return // only that they make a rule
        Lines.check(legs);
        bytes memory lines = Split.pack(legs);
        _requireCount(Lines.tieredPayees(lines).length, volumesFen.length);
        _requireCount(Lines.nestedRules(lines).length, nested.length);
        bytes[] memory nestedLegs = new bytes[](nested.length);
        for (uint256 i = 0; i < nested.length; ++i) {
            // slither-disable-next-line unused-return // how small an order may be, the rule's own legs say
            (bool resolved,) = Lines.check(nested[i]);
            if (resolved || nested[i].length > Lines.MOST_NESTED_LEGS) revert CannotBeNested(i);
            nestedLegs[i] = Split.pack(nested[i]);
        }
        bytes memory plain = Lines.resolve(lines, Lines.tiers(lines, volumesFen), nestedLegs);
        uint256[] memory totals = new uint256[](Split.countOf(plain));
        // slither-disable-next-line unused-return // the totals of one amount are its parts
        Split.add(amountFen, plain, totals);
        return Split.amountsIn(totals);
    }

    function _requireCount(uint256 expected, uint256 actual) private pure {
        if (actual != expected) revert WrongCount(expected, actual);
    }
}
