// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @notice How one leg takes its part. A leg takes at most what the legs before it left.
enum LegKind {
    Fixed, // value in fen
    Share, // value in basis points of the whole amount, rounded down; at most cap fen when cap > 0, at least floor fen
    Residual, // whatever the other legs leave; exactly one in a rule, anywhere in the order; it takes last
    // The next two are no legs but terms of the leg before them, whose payee they repeat (ITiers resolves them at payment):
    Step, // of the Share before it, from a volume on: value in basis points and cap as of a Share; floor is the volume in fen
    Nested // value is a rule of the payee's own, which divides what the leg before it takes
}

struct Leg {
    uint32 payee; // member number
    LegKind kind;
    uint64 value;
    uint64 cap; // 0: none; only on a Share or a Step
    uint64 floor; // 0: none; only on a Share; at most its cap and those of its Steps. On a Step: the volume
}

/// @title Rules: commission rules as append-only versions, each signed by those it pays
/// @notice A member proposes; the version takes effect when the last required signature arrives. EIP-712 domain: name
///         "Suyuan", version "1", this chain, this contract. Type:
///         RuleVersion(uint32 merchant,uint32 rule,uint32 version,uint32 base,bytes32 legsHash)
///         where legsHash is keccak256 of the packed legs: 29 bytes a leg, big-endian, payee uint32, kind uint8, value uint64, cap
///         uint64, floor uint64. Only hashes are stored, and the legs of versions that payments need whole: those with steps or nested
///         rules, and those that a rule can nest. The event carries the legs. A rule belongs to the member that opened
///         it, its "merchant" here: orders are placed under a merchant's own; any member's can divide its own leg in another's.
interface IRules {
    /// @param base the version in force when this one was proposed; 0 for the first.
    /// @param required the members whose signature it needs, in ascending order, each once.
    event RuleProposed(
        uint32 indexed rule,
        uint32 indexed version,
        uint32 indexed merchant,
        uint32 base,
        Leg[] legs,
        bytes32 legsHash,
        uint32[] required
    );
    event RuleSigned(uint32 indexed rule, uint32 indexed version, uint32 indexed member);
    /// @notice From this block on, orders are paid under this version.
    event RuleAdopted(uint32 indexed rule, uint32 indexed version, bytes32 legsHash);

    error UnknownRule(uint32 rule);
    error UnknownVersion(uint32 rule, uint32 version);
    error NotTheRulesMerchant(uint32 rule, uint32 member);
    /// @dev A rule has 1 to `most` legs; each nested rule counts as 5.
    error LegCount(uint256 count, uint256 most);
    error ResidualCount(uint256 count);
    error SharesExceedWhole(uint256 bps);
    /// @dev The leg at this place has no payee, a value of zero where it needs one, or a value or cap where none
    ///      belongs; or it is a step or a nested rule that does not belong to the line before it.
    error BadLeg(uint256 leg);
    /// @dev The fixed legs and floors together, a cap, or an amount exceed the largest order, 9e14 fen.
    error AmountTooLarge(uint256 fen);
    /// @dev The nested rule at this place is not the payee's own, or has no version that can be nested.
    error BadNestedRule(uint256 leg, uint64 rule);
    /// @dev It has had all its 65,535.
    error NoMoreVersions(uint32 rule);
    error NotRequired(uint32 rule, uint32 version, uint32 member);
    error AlreadySigned(uint32 rule, uint32 version, uint32 member);
    error BaseIsStale(uint32 rule, uint32 base, uint32 current);
    error WrongRuleSigner(uint32 member, address signer);
    error LegsMismatch(bytes32 expected, bytes32 actual);

    /// @notice Proposes a version, which changes nothing yet. Caller: an active member with any role in trade. `rule` 0 opens a
    ///         new rule; otherwise a rule of this member, whose legs in force are repeated in `baseLegs` (empty when none is in
    ///         force) and checked by hash. At most 16 legs, each nested rule counted as 5; a share has at most 3 steps, whose
    ///         volumes ascend, and at most 4 shares have any; of each share with steps the greatest counts towards the whole.
    ///         Payees are active members. Required are: every payee of a
    ///         first version; later every payee of the old or the new version except whose legs, with all their
    ///         numbers, are the same in both; and always the residual's payee of the new version, and of the old one.
    ///         Event: RuleProposed. Reverts: all of IMembers.requireMayAct; MemberNotActive, UnknownMember (IMembers) for a
    ///         payee; UnknownRule; NotTheRulesMerchant; LegCount, ResidualCount, SharesExceedWhole, BadLeg,
    ///         AmountTooLarge; BadNestedRule; LegsMismatch; NoMoreVersions.
    /// @dev A nested rule is its owner's matter: the version of it that can be nested when an order is paid divides the leg.
    /// @dev A payee's legs are compared among themselves, in their order; other legs may come to stand before them.
    ///      That matters only where shares and fixed legs together exceed an order.
    /// @return ruleId the rule, new for `rule` 0.
    /// @return version counted from 1 within the rule.
    function propose(uint32 rule, Leg[] calldata legs, Leg[] calldata baseLegs)
        external
        returns (uint32 ruleId, uint32 version);

    /// @notice Gives a required member's consent. Caller: anyone who brings its signature. The last one required adopts
    ///         the version: orders are paid under it from now on. Events: RuleSigned; RuleAdopted with the last.
    ///         Reverts: UnknownRule, UnknownVersion; NotRequired; AlreadySigned; BaseIsStale when another version took
    ///         effect since it was proposed; all of IMembers.requireActive; WrongRuleSigner (the signer is zero for a
    ///         malformed signature or one with a high s).
    /// @dev Consent cannot be withdrawn. It is the account's to give, not an operator's.
    function sign(uint32 rule, uint32 version, uint32 member, bytes calldata signature) external;

    /// @return version in force, 0 when there is none or no such rule.
    /// @return legsHash of that version, 0 when there is none.
    /// @return merchant whose rule it is, 0 when there is no such rule.
    function inForce(uint32 rule) external view returns (uint32 version, bytes32 legsHash, uint32 merchant);

    /// @notice What a payment pins, in one question.
    /// @return version as of inForce.
    /// @return legsHash as of inForce.
    /// @return leastFen the minimumFen of that version.
    /// @return resolved whether it has steps or nested rules, so that ITiers says which plain legs the payment pins.
    function toPin(uint32 rule) external view returns (uint32 version, bytes32 legsHash, uint64 leastFen, bool resolved);

    /// @return version the last one adopted that can be nested: at most 5 legs, and neither steps nor nested rules. 0: none.
    ///         A version that cannot be nested leaves the former one in force where the rule is nested.
    function nestable(uint32 rule) external view returns (uint32 version);

    /// @return packed legs of a version with steps or nested rules, or one that can be nested; empty for any other.
    function keptLegs(uint32 rule, uint32 version) external view returns (bytes memory packed);

    /// @notice Reverts: UnknownRule, UnknownVersion.
    function legsHashOf(uint32 rule, uint32 version) external view returns (bytes32);

    /// @notice Reverts: UnknownRule, UnknownVersion.
    /// @return the EIP-712 digest that a required member signs.
    function digest(uint32 rule, uint32 version) external view returns (bytes32);

    /// @notice Reverts: UnknownRule, UnknownVersion.
    /// @return fen the smallest amount that an order under this version may have: the sum of its fixed legs and floors.
    function minimumFen(uint32 rule, uint32 version) external view returns (uint64 fen);
}
