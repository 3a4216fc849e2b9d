// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Validators: which validators the consortium wants
/// @notice The wish alone: members' nodes make it real by the engine's own votes. One validator a member at most. An
///         acceptance is EIP-712, domain: name "Suyuan", version "1", this chain, this contract; type
///         ValidatorAccepted(uint32 member,address validator,uint64 nonce), with the member's nonce, which each uses up.
interface IValidators {
    event ValidatorWanted(uint32 indexed member, address indexed validator);
    event ValidatorUnwanted(uint32 indexed member, address indexed validator);

    error ZeroValidator();
    error ValidatorTaken(address validator, uint32 member);
    error HasValidator(uint32 member, address validator);
    error NotWanted(address validator);
    error NotTheMembersValidator(address validator, uint32 member);
    /// @dev Without a validator no block would be made any more.
    error LastValidator(address validator);
    /// @dev The signer is zero for a malformed signature or one with a high s.
    error ValidatorNotAccepted(address validator, address signer);

    /// @notice The validator of this member is wanted from now on. Caller: the governor. Event: ValidatorWanted, unless it
    ///         was wanted of this member. Reverts: NotGovernor (IGoverned); UnknownMember, MemberNotActive (IMembers);
    ///         ZeroValidator; ValidatorTaken; HasValidator for a member with another.
    function want(uint32 member, address validator) external;

    /// @notice The validator is wanted no more. Caller: the governor; anyone, once its member was expelled or has left.
    ///         Event: ValidatorUnwanted. Reverts: NotWanted; NotGovernor (IGoverned); LastValidator.
    function unwant(address validator) external;

    /// @notice Replaces a member's validator by another, with another key. Caller: the member's account. Events:
    ///         ValidatorUnwanted, ValidatorWanted. Reverts: NotMember, KeyIsRevoked, NotTheAccount (IKeys); MemberNotActive
    ///         (IMembers); NotTheMembersValidator; ZeroValidator; ValidatorTaken; ValidatorNotAccepted.
    /// @param acceptance the new validator's signature.
    function rotate(address from, address to, bytes calldata acceptance) external;

    // --- reads ---

    /// @return the validators of members that were not expelled and have not left, in no order that means anything.
    function wanted() external view returns (address[] memory);

    /// @return member whose validator it is, 0 for one that is not wanted.
    function memberOf(address validator) external view returns (uint32 member);

    /// @return validator of the member, zero for none.
    function validatorOf(uint32 member) external view returns (address validator);

    /// @return nonce which the next acceptance of a validator of this member signs.
    function nonceOf(uint32 member) external view returns (uint64 nonce);

    /// @return digest the EIP-712 digest that `validator` signs to accept that it is the member's.
    function hashValidatorAccepted(uint32 member, address validator) external view returns (bytes32 digest);
}
