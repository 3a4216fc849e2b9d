// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Leg} from "./IRules.sol";

/// @title Tiers: the plain legs that a payment pins, of a rule version with steps or nested rules (IRules)
/// @notice A share with steps takes the last step whose volume its payee reached in the *last closed month*: the calendar
///         month before that of the payment's block, at UTC+8. A payee's volume is the sum of the payments, in the month and in
///         escrow contracts that Credit admits, under versions where it has a share with steps; refunds do not change it. A
///         nested rule's legs, of the version that can be nested at that time, follow the leg that they divide (Split).
///         Each different outcome is a *variant* of the version, counted from 1, at most 255. Orders pin version + 65,536 × variant.
interface ITiers {
    /// @notice Payments pin these legs under `version` + 65,536 × `variant` from now on, whenever they resolve to them.
    /// @param tiers of each share with steps, in their order: 0 the share itself, else the number of its step.
    /// @param nestedVersions of each nested rule, in the order of the legs that they divide.
    /// @param legs packed (Split).
    event VariantOpened(
        uint32 indexed rule,
        uint32 indexed version,
        uint32 variant,
        uint8[] tiers,
        uint32[] nestedVersions,
        bytes legs,
        bytes32 legsHash
    );

    error NotAnEscrow(address caller);
    /// @dev This version has had all its 255 variants; a new version, with the same legs if need be, has its own.
    error NoMoreVariants(uint32 rule, uint32 version);
    /// @dev As many volumes as shares with steps, and as many nested legs as nested rules.
    error WrongCount(uint256 expected, uint256 actual);
    /// @dev These nested legs have steps or nested rules, or are more than 5.
    error CannotBeNested(uint256 nested);

    /// @notice Resolves the legs for a payment, and adds its amount to the volume of each payee that has a share with steps, once.
    ///         Caller: an escrow contract that Credit admits, for a version in force that IRules.toPin calls resolved. Event:
    ///         VariantOpened, for the first of its kind. Reverts: NotAnEscrow; NoMoreVariants.
    /// @return variant from 1.
    /// @return legsHash keccak256 of the packed plain legs.
    function pin(uint32 rule, uint32 version, uint256 amountFen) external returns (uint8 variant, bytes32 legsHash);

    // --- reads ---

    /// @return fen the member's volume in this month (monthOf).
    function volumeFen(uint32 member, uint256 month) external view returns (uint256 fen);

    /// @return month counted from March of the year 0, at UTC+8.
    function monthOf(uint256 timestamp) external pure returns (uint256 month);

    /// @notice What an order of this amount would credit, had the payees these volumes. Reverts: AmountTooLarge, LegCount,
    ///         ResidualCount, SharesExceedWhole, BadLeg (IRules), also for nested legs; CannotBeNested; WrongCount.
    /// @param volumesFen one a share with steps.
    /// @param nested the legs of each nested rule.
    /// @return amountsFen by plain leg; they sum to `amountFen`. A leg that a nested rule divides keeps nothing.
    function allocate(uint64 amountFen, Leg[] calldata legs, uint256[] calldata volumesFen, Leg[][] calldata nested)
        external
        pure
        returns (uint64[] memory amountsFen);
}
