// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IGoverned} from "./IGoverned.sol";
import {IKeys} from "./IKeys.sol";
import {IStops} from "./IStops.sol";

/// @notice What a member is admitted to do. A member may hold several; `roles` is the bitwise or.
library Role {
    uint32 internal constant FARM = 1 << 0;
    uint32 internal constant COOLER = 1 << 1;
    uint32 internal constant PACKER = 1 << 2;
    uint32 internal constant DISTRIBUTOR = 1 << 3;
    uint32 internal constant PROCESSOR = 1 << 4;
    uint32 internal constant FISHERY_RECEIVER = 1 << 5;
    uint32 internal constant CARRIER = 1 << 6;
    uint32 internal constant CERTIFIER = 1 << 7;
    uint32 internal constant MERCHANT = 1 << 8;
    uint32 internal constant CREATOR = 1 << 9;
    uint32 internal constant PLATFORM = 1 << 10;
    uint32 internal constant BANK = 1 << 11;
    uint32 internal constant REGULATOR = 1 << 12;
    /// @notice A seat on the Council: one vote, by the member's account alone.
    uint32 internal constant COUNCIL = 1 << 13;
    /// @notice To transfer and withdraw. No member's role: each member's account has it, and may give it to an operator.
    uint32 internal constant TREASURY = 1 << 14;

    /// @notice Any role in the trade of goods: all but COUNCIL and TREASURY.
    uint32 internal constant ANY = (1 << 13) - 1;
    /// @notice What a member can be admitted with.
    uint32 internal constant OF_MEMBERS = (1 << 14) - 1;

    /// @notice Those who may state what happened to goods.
    uint32 internal constant EVIDENCE =
        FARM | COOLER | PACKER | DISTRIBUTOR | PROCESSOR | FISHERY_RECEIVER | CARRIER | CERTIFIER | MERCHANT;
}

/// @notice Kinds of act that a member may grant to a delegate; `acts` is the bitwise or.
library Act {
    uint32 internal constant RECORD_STATEMENT = 1 << 0;
}

enum Standing {
    None,
    Active,
    Suspended, // may act no more until it is reinstated
    Expelled, // for ever
    Left // for ever; who comes back is admitted anew
}

/// @title Members: who belongs to the consortium, what each may do, and what each owns
/// @notice A member is a number from 1, kept for life, with one account and any number of operators' keys (IKeys). The
///         governor (IGoverned) is no member. GLNs and GTINs are the digits read as a number (13 and 14 digits).
interface IMembers is IKeys, IStops, IGoverned {
    struct Member {
        address account;
        uint32 roles;
        Standing standing;
    }

    /// @notice A member lets `delegate` act for it until `until` (Unix seconds). EIP-712 domain: name "Suyuan", version
    ///         "1", this chain, this contract. Type: Grant(uint32 member,address delegate,uint32 acts,uint64
    ///         until,bytes32 salt)
    struct Grant {
        uint32 member;
        address delegate;
        uint32 acts;
        uint64 until;
        bytes32 salt;
    }

    event MemberAdmitted(uint32 indexed member, address indexed account, uint32 roles, string slug, string name);
    event RolesChanged(uint32 indexed member, uint32 roles);
    event MemberSuspended(uint32 indexed member, string reason);
    event MemberReinstated(uint32 indexed member);
    event MemberExpelled(uint32 indexed member, string reason);
    event MemberLeft(uint32 indexed member);
    event RegistrarSet(address indexed registrar);
    event LocationAssigned(uint64 indexed gln, uint32 indexed member, string name);
    event ProductAssigned(uint64 indexed gtin, uint32 indexed member, string name);
    event GrantRevoked(bytes32 indexed grantHash, uint32 indexed member);

    error NotRegistrar(address caller);
    /// @dev A slug has 1 to 64 bytes.
    error BadSlug(string slug);
    error BadRoles(uint32 roles);
    error UnknownMember(uint32 member);
    error MemberNotActive(uint32 member, Standing standing);
    /// @dev It was expelled or has left.
    error StandingIsFinal(uint32 member, Standing standing);
    error MissingRole(uint32 member, uint32 needed);
    error SlugTaken(string slug, uint32 member);
    /// @dev Without a seat nobody could decide anything any more.
    error LastSeat(uint32 member);
    error BadGln(uint64 gln);
    error BadGtin(uint64 gtin);
    /// @dev It is another member's; only the governor takes it away.
    error GlnTaken(uint64 gln, uint32 member);
    error GtinTaken(uint64 gtin, uint32 member);
    error NotDelegate(address caller, address delegate);
    error ActNotGranted(uint32 member, uint32 needed);
    error GrantExpired(uint64 until, uint64 nowAt);
    error GrantIsRevoked(bytes32 grantHash);
    error WrongSigner(uint32 member, address signer);

    // --- the governor's acts. Caller: the governor, else NotGovernor (IGoverned) ---

    /// @notice Takes a new member in, active, and gives it the next number. Event: MemberAdmitted.
    ///         Reverts: ZeroAccount, AccountTaken (IKeys); BadSlug, SlugTaken; BadRoles for a bit that no member holds.
    /// @param roles what it may do, see Role; 0 for one that is only paid.
    /// @param slug a short name for commands and addresses, unique for ever.
    function admit(address account, uint32 roles, string calldata slug, string calldata name)
        external
        returns (uint32 member);

    /// @notice Replaces what the member may do. Event: RolesChanged, unless it had just these roles.
    ///         Reverts: UnknownMember; BadRoles; LastSeat when it takes the only seat away.
    function setRoles(uint32 member, uint32 roles) external;

    /// @notice The member may act no more, neither itself nor through an operator or a delegate; it still receives
    ///         payouts and withdraws. Event: MemberSuspended, unless it was suspended. Reverts: UnknownMember;
    ///         StandingIsFinal; LastSeat.
    function suspend(uint32 member, string calldata reason) external;

    /// @notice Ends a suspension. Event: MemberReinstated, unless it was active. Reverts: UnknownMember;
    ///         StandingIsFinal.
    function reinstate(uint32 member) external;

    /// @notice Ends the membership, from this call on: the member acts no more, also in orders that are under way. What
    ///         it has earned, and what such orders still credit it, it withdraws. Event: MemberExpelled, unless it was
    ///         expelled. Reverts: UnknownMember; StandingIsFinal for one that left; LastSeat.
    /// @dev Cannot be undone: a member that comes back is admitted anew, with another account and slug.
    function expel(uint32 member, string calldata reason) external;

    /// @notice Names the account that assigns GLNs and GTINs day by day. Event: RegistrarSet, unless it was it.
    /// @param registrar zero for none: then only the governor assigns.
    function setRegistrar(address registrar) external;

    // --- the registrar's acts. Caller: the registrar or the governor, else NotRegistrar ---

    /// @notice The location is held by this member from now on. Event: LocationAssigned. Reverts: UnknownMember; BadGln
    ///         for a wrong check digit or more than 13 digits; GlnTaken when the registrar would take it from another.
    function assignLocation(uint64 gln, uint32 member, string calldata name) external;

    /// @notice The product is owned by this member from now on. Event: ProductAssigned. Reverts: UnknownMember; BadGtin
    ///         for a wrong check digit or more than 14 digits; GtinTaken when the registrar would take it from another.
    function assignProduct(uint64 gtin, uint32 member, string calldata name) external;

    // --- a member's own acts. Caller: its account, also when it is suspended ---

    /// @notice Leaves the consortium, from this call on; what it has earned it still withdraws. Event: MemberLeft.
    ///         Reverts: NotMember, KeyIsRevoked, NotTheAccount (IKeys); StandingIsFinal; LastSeat.
    /// @dev Cannot be undone, as expel.
    function leave() external;

    /// @notice Ends a grant for ever, whether or not it was used. Caller: the granting member's account. Event:
    ///         GrantRevoked, unless it was revoked. Reverts: NotMember, KeyIsRevoked, NotTheAccount (IKeys);
    ///         WrongSigner for another's grant.
    /// @dev Cannot be undone; the member signs a new grant with another salt instead.
    function revokeGrant(Grant calldata grant) external;

    // --- who may: asked by the other contracts, which pass on their caller ---

    /// @notice One question for all that most functions need. Reverts, in this order: FunctionIsStopped (IStops) when
    ///         the function `selector` of the asking contract is stopped; NotMember, KeyIsRevoked, KeyHasEnded (IKeys)
    ///         for the key; MemberNotActive; MissingRole unless the member holds, and the key was given, at least one
    ///         of the roles in `anyOf`.
    /// @return member whose key it is.
    function requireMayAct(address key, uint32 anyOf, bytes4 selector) external view returns (uint32 member);

    /// @notice As requireMayAct for what is never stopped.
    function requireRole(address key, uint32 anyOf) external view returns (uint32 member);

    /// @notice Whose money the key may move: the account's key, or an operator's with TREASURY, of a member of any
    ///         standing: whoever has left or was expelled takes out what it earned. Never stopped. Reverts: NotMember,
    ///         KeyIsRevoked, KeyHasEnded (IKeys); MissingRole.
    function requireTreasurer(address key) external view returns (uint32 member);

    /// @notice Reverts unless the key is the account of an active member: NotMember, KeyIsRevoked, NotTheAccount
    ///         (IKeys); MemberNotActive.
    function requireAccount(address key) external view returns (uint32 member);

    /// @notice As requireAccount, and the member has a seat on the Council. Reverts: also MissingRole.
    function requireSeat(address key) external view returns (uint32 member);

    /// @notice Reverts unless `member` is active and holds at least one of the roles in `anyOf`:
    ///         UnknownMember, MemberNotActive, MissingRole.
    function requireMemberRole(uint32 member, uint32 anyOf) external view;

    /// @notice For a function `selector` of the asking contract to which a member's signature is brought. Reverts:
    ///         FunctionIsStopped (IStops), UnknownMember, MemberNotActive.
    /// @return account which must have signed.
    function requireActive(uint32 member, bytes4 selector) external view returns (address account);

    /// @notice Reverts unless, in this order, the function `selector` of the asking contract is not stopped
    ///         (FunctionIsStopped), `caller` is the delegate (NotDelegate), the grant covers every bit of `act`
    ///         (ActNotGranted), is in time, its last second included (GrantExpired), is of an active member
    ///         (UnknownMember, MemberNotActive) with a role in `anyOf` (MissingRole), is not revoked (GrantIsRevoked),
    ///         and carries the signature of the member's account (WrongSigner; the signer is zero for a malformed
    ///         signature or one with a high s).
    /// @return grantHash as hashGrant.
    function requireGrant(
        address caller,
        Grant calldata grant,
        bytes calldata signature,
        uint32 act,
        uint32 anyOf,
        bytes4 selector
    ) external view returns (bytes32 grantHash);

    // --- reads ---

    /// @return the account that assigns GLNs and GTINs beside the governor: at first the founder; zero for none.
    function registrar() external view returns (address);

    /// @return how many members were ever admitted, which is the highest number.
    function count() external view returns (uint32);

    /// @return how many members have a seat on the Council: active ones with Role.COUNCIL.
    function seats() external view returns (uint32);

    /// @return whether the member has a seat on the Council; false for an unknown one.
    function isSeat(uint32 member) external view returns (bool);

    /// @notice Reverts: UnknownMember.
    function get(uint32 member) external view returns (Member memory);

    /// @return member the owner of the GTIN, 0 when it was never assigned.
    function ownerOfProduct(uint64 gtin) external view returns (uint32 member);

    /// @return member the holder of the GLN, 0 when it was never assigned.
    function holderOfLocation(uint64 gln) external view returns (uint32 member);

    /// @return digest the EIP-712 digest that the granting member signs, and the name of the grant.
    function hashGrant(Grant calldata grant) external view returns (bytes32 digest);
}
