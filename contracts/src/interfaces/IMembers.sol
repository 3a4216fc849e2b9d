// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

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

    /// @notice Those who may state what happened to goods.
    uint32 internal constant EVIDENCE =
        FARM | COOLER | PACKER | DISTRIBUTOR | PROCESSOR | FISHERY_RECEIVER | CARRIER | CERTIFIER | MERCHANT;
}

/// @notice Kinds of act that a member may grant to a delegate; `acts` is the bitwise or.
library Act {
    uint32 internal constant RECORD_STATEMENT = 1 << 0;
}

/// @title Members: who belongs to the consortium, what each may do, and what each owns
/// @notice A member is a number from 1, kept for life, with one account (key). The consortium is an account and no
///         member. GLNs and GTINs are the digits read as a number (13 and 14 digits).
interface IMembers {
    struct Member {
        address account;
        uint32 roles;
        bool active;
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
    event LocationAssigned(uint64 indexed gln, uint32 indexed member, string name);
    event ProductAssigned(uint64 indexed gtin, uint32 indexed member, string name);
    event GrantRevoked(bytes32 indexed grantHash, uint32 indexed member);

    error NotConsortium(address caller);
    error NotMember(address caller);
    error ZeroAccount();
    /// @dev A slug has 1 to 64 bytes.
    error BadSlug(string slug);
    error UnknownMember(uint32 member);
    error MemberNotActive(uint32 member);
    error MissingRole(uint32 member, uint32 needed);
    error AccountTaken(address account, uint32 member);
    error SlugTaken(string slug, uint32 member);
    error BadGln(uint64 gln);
    error BadGtin(uint64 gtin);
    error NotDelegate(address caller, address delegate);
    error ActNotGranted(uint32 member, uint32 needed);
    error GrantExpired(uint64 until, uint64 nowAt);
    error GrantIsRevoked(bytes32 grantHash);
    error WrongSigner(uint32 member, address signer);

    // --- the consortium's acts. Caller: the consortium, else NotConsortium ---

    /// @notice Takes a new member in, active, and gives it the next number. Event: MemberAdmitted.
    ///         Reverts: ZeroAccount, BadSlug, AccountTaken, SlugTaken.
    /// @param roles what it may do, see Role; 0 for one that is only paid.
    /// @param slug a short name for commands and addresses, unique for ever.
    function admit(address account, uint32 roles, string calldata slug, string calldata name)
        external
        returns (uint32 member);

    /// @notice Replaces what the member may do. Event: RolesChanged, unless it had just these roles.
    ///         Reverts: UnknownMember.
    function setRoles(uint32 member, uint32 roles) external;

    /// @notice The member may act no more, neither itself nor through a delegate; it still receives payouts.
    ///         Event: MemberSuspended, unless it was suspended. Reverts: UnknownMember.
    function suspend(uint32 member, string calldata reason) external;

    /// @notice Ends a suspension. Event: MemberReinstated, unless it was active. Reverts: UnknownMember.
    function reinstate(uint32 member) external;

    /// @notice The location is held by this member from now on; the last assignment holds. Event: LocationAssigned.
    ///         Reverts: UnknownMember, BadGln for a wrong check digit or more than 13 digits.
    function assignLocation(uint64 gln, uint32 member, string calldata name) external;

    /// @notice The product is owned by this member from now on; the last assignment holds. Event: ProductAssigned.
    ///         Reverts: UnknownMember, BadGtin for a wrong check digit or more than 14 digits.
    function assignProduct(uint64 gtin, uint32 member, string calldata name) external;

    // --- a member's own act ---

    /// @notice Ends a grant for ever, whether or not it was used. Caller: the granting member, even when suspended.
    ///         Event: GrantRevoked, unless it was revoked. Reverts: NotMember, WrongSigner for another's grant.
    /// @dev Cannot be undone; the member signs a new grant with another salt instead.
    function revokeGrant(Grant calldata grant) external;

    // --- reads ---

    /// @return the account that admits members and assigns what they own.
    function consortium() external view returns (address);

    /// @return how many members were ever admitted, which is the highest number.
    function count() external view returns (uint32);

    /// @notice Reverts: UnknownMember.
    function get(uint32 member) external view returns (Member memory);

    /// @notice Reverts: NotMember, MemberNotActive.
    /// @return member the active member whose account this is.
    function requireMember(address account) external view returns (uint32 member);

    /// @notice As requireMember, and it holds at least one of the roles in `anyOf`. Reverts: also MissingRole.
    function requireRole(address account, uint32 anyOf) external view returns (uint32 member);

    /// @notice Reverts unless `member` is active and holds at least one of the roles in `anyOf`:
    ///         UnknownMember, MemberNotActive, MissingRole.
    function requireMemberRole(uint32 member, uint32 anyOf) external view;

    /// @return member the owner of the GTIN, 0 when it was never assigned.
    function ownerOfProduct(uint64 gtin) external view returns (uint32 member);

    /// @return member the holder of the GLN, 0 when it was never assigned.
    function holderOfLocation(uint64 gln) external view returns (uint32 member);

    /// @return digest the EIP-712 digest that the granting member signs, and the name of the grant.
    function hashGrant(Grant calldata grant) external view returns (bytes32 digest);

    /// @notice Reverts unless, in this order, `caller` is the delegate (NotDelegate), the grant covers every bit of
    ///         `act` (ActNotGranted), is in time, its last second included (GrantExpired), is of an active member
    ///         (UnknownMember, MemberNotActive), is not revoked (GrantIsRevoked), and carries the signature of the
    ///         member's account (WrongSigner; the signer is zero for a malformed signature or one with a high s).
    /// @return grantHash as hashGrant.
    function requireGrant(address caller, Grant calldata grant, bytes calldata signature, uint32 act)
        external
        view
        returns (bytes32 grantHash);
}
