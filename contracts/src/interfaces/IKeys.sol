// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

enum KeyKind {
    None,
    Account, // the member's own: it holds all that the member may do
    Operator, // holds what the member gave it, until it ends
    Revoked // for ever
}

/// @title Keys: which keys act for a member, in the member's own hands
/// @notice A key belongs to one member, for ever: revoked or replaced, it never comes back and never acts for another.
///         A new key accepts by a signature, EIP-712 domain: name "Suyuan", version "1", this chain, this contract;
///         type KeyAccepted(uint32 member,address key,uint64 nonce), with the member's keyNonce, which each acceptance
///         uses up. Keys stay in the member's hands also while it is suspended, and after it was expelled or left:
///         with them it takes out what it earned.
interface IKeys {
    struct Key {
        uint32 member; // 0: of nobody
        uint32 roles; // what it may do of what the member may do (see Role); all bits for the account
        uint64 until; // its last second
        KeyKind kind;
    }

    event AccountRotated(uint32 indexed member, address indexed from, address indexed to);
    /// @notice The governor gave the member a new account; every other key of the member is revoked with it.
    event AccountReset(uint32 indexed member, address indexed from, address indexed to);
    event OperatorSet(uint32 indexed member, address indexed key, uint32 roles, uint64 until);
    event KeyRevoked(uint32 indexed member, address indexed key);

    error NotMember(address caller);
    error ZeroAccount();
    /// @dev It is, or once was, a key of this member.
    error AccountTaken(address account, uint32 member);
    error KeyIsRevoked(address key, uint32 member);
    error KeyHasEnded(address key, uint64 until, uint64 nowAt);
    /// @dev An operator's key asked for what only the member's own account may do.
    error NotTheAccount(address key, uint32 member);
    error NotOperatorOf(uint32 member, address key);
    /// @dev An operator has at least one role, and never a seat on the Council.
    error BadOperatorRoles(uint32 roles);
    /// @dev A key ends later than now, and before the year 10000.
    error BadUntil(uint64 until, uint64 nowAt);
    /// @dev The signer is zero for a malformed signature or one with a high s.
    error KeyNotAccepted(address key, address signer);

    // --- the member's own acts. Caller: its account, else NotMember, KeyIsRevoked, NotTheAccount ---

    /// @notice Replaces the member's account; the old key is revoked, and with it every grant that it signed. Event:
    ///         AccountRotated. Reverts: ZeroAccount; AccountTaken; KeyNotAccepted.
    /// @param acceptance the new key's signature.
    function rotateAccount(address to, bytes calldata acceptance) external;

    /// @notice Lets `key` act for the member with those of `roles` that the member holds, until `until`, its last second
    ///         included; Role.TREASURY lets it withdraw and transfer. For a key that is the member's operator already:
    ///         new roles and a new end. Event: OperatorSet. Reverts: BadOperatorRoles; BadUntil; ZeroAccount;
    ///         AccountTaken for a key that is or was another member's, or this one's account; KeyIsRevoked;
    ///         KeyNotAccepted.
    /// @param acceptance the key's signature; empty for one that is the member's operator already.
    function setOperator(address key, uint32 roles, uint64 until, bytes calldata acceptance) external;

    /// @notice Ends an operator's key for ever. Caller: also the key itself. Event: KeyRevoked, unless it was revoked.
    ///         Reverts: NotOperatorOf.
    function revokeKey(address key) external;

    // --- the governor's ---

    /// @notice For a member that lost its account's key or had it stolen: a new account, and every other key of it is
    ///         revoked. Caller: the governor. Event: AccountReset. Reverts: NotGovernor (IGoverned), UnknownMember
    ///         (IMembers), ZeroAccount, AccountTaken, KeyNotAccepted.
    function resetAccount(uint32 member, address to, bytes calldata acceptance) external;

    // --- reads ---

    /// @return the key as it stands; of kind None and member 0 for one that is no member's.
    function keyOf(address key) external view returns (Key memory);

    /// @return nonce which the next acceptance of a key of this member signs.
    function keyNonce(uint32 member) external view returns (uint64 nonce);

    /// @return digest the EIP-712 digest that `key` signs to accept that it acts for the member.
    function hashKeyAccepted(uint32 member, address key) external view returns (bytes32 digest);
}
