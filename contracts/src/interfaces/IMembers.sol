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
/// @notice A member is a number from 1, kept for life; its account (key) may change. GLNs and GTINs are the digits
///         read as a number (13 and 14 digits).
interface IMembers {
    struct Member {
        address account;
        uint32 roles;
        bool active;
    }

    /// @notice A member lets `delegate` act for it until `until` (Unix seconds). EIP-712 domain: name "Suyuan", version "1",
    ///         this chain, this contract. Type: Grant(uint32 member,address delegate,uint32 acts,uint64 until,bytes32 salt)
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

    // --- the consortium's acts (caller: the consortium, else NotConsortium) ---
    function admit(
        address account,
        uint32 roles,
        string calldata slug,
        string calldata name
    ) external returns (uint32 member);
    function setRoles(
        uint32 member,
        uint32 roles
    ) external;
    function suspend(
        uint32 member,
        string calldata reason
    ) external;
    function reinstate(
        uint32 member
    ) external;
    /// @dev The check digit is checked: BadGln. A location may pass to another member: the last assignment holds.
    function assignLocation(
        uint64 gln,
        uint32 member,
        string calldata name
    ) external;
    /// @dev The check digit is checked: BadGtin.
    function assignProduct(
        uint64 gtin,
        uint32 member,
        string calldata name
    ) external;

    // --- a member's own act ---
    /// @notice The granting member ends a grant for ever.
    function revokeGrant(
        Grant calldata grant
    ) external;

    // --- reads ---
    function consortium() external view returns (address);
    function count() external view returns (uint32);
    function get(
        uint32 member
    ) external view returns (Member memory);
    /// @return member the active member whose account this is; reverts NotMember or MemberNotActive.
    function requireMember(
        address account
    ) external view returns (uint32 member);
    /// @notice As requireMember, and it holds at least one of the roles in `anyOf`, else MissingRole.
    function requireRole(
        address account,
        uint32 anyOf
    ) external view returns (uint32 member);
    /// @notice Reverts unless `member` is active and holds at least one of `anyOf`.
    function requireMemberRole(
        uint32 member,
        uint32 anyOf
    ) external view;
    function ownerOfProduct(
        uint64 gtin
    ) external view returns (uint32 member);
    function holderOfLocation(
        uint64 gln
    ) external view returns (uint32 member);
    function hashGrant(
        Grant calldata grant
    ) external view returns (bytes32 digest);
    /// @notice Reverts unless `caller` is the delegate, the grant covers `act`, is in time, is not revoked and carries
    ///         the signature of the member's account.
    function requireGrant(
        address caller,
        Grant calldata grant,
        bytes calldata signature,
        uint32 act
    ) external view returns (bytes32 grantHash);
}
