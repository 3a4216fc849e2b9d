// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IGoverned} from "./interfaces/IGoverned.sol";
import {IMembers, Standing} from "./interfaces/IMembers.sol";
import {IValidators} from "./interfaces/IValidators.sol";

/// @title Validators
/// @notice See IValidators.
contract Validators is IValidators, EIP712 {
    bytes32 private constant ACCEPTANCE_TYPE =
        keccak256("ValidatorAccepted(uint32 member,address validator,uint64 nonce)");

    IMembers public immutable members;

    /// @inheritdoc IValidators
    mapping(address validator => uint32 member) public memberOf;
    /// @inheritdoc IValidators
    mapping(uint32 member => address validator) public validatorOf;
    /// @inheritdoc IValidators
    mapping(uint32 member => uint64 nonce) public nonceOf;

    /// @dev Members with a validator, also those that are gone.
    uint32[] private _list;

    constructor(IMembers members_) EIP712("Suyuan", "1") {
        members = members_;
    }

    /// @inheritdoc IValidators
    function want(uint32 member, address validator) external {
        if (msg.sender != members.governor()) revert IGoverned.NotGovernor(msg.sender);
        Standing standing = members.get(member).standing;
        if (standing != Standing.Active) revert IMembers.MemberNotActive(member, standing);
        if (memberOf[validator] == member) return;
        _requireFree(validator);
        if (validatorOf[member] != address(0)) revert HasValidator(member, validatorOf[member]);

        _list.push(member);
        _set(member, validator);

        emit ValidatorWanted(member, validator);
    }

    /// @inheritdoc IValidators
    function unwant(address validator) external {
        uint32 member = memberOf[validator];
        if (member == 0) revert NotWanted(validator);
        bool gone = _isGone(member);
        if (!gone && msg.sender != members.governor()) revert IGoverned.NotGovernor(msg.sender);
        if (!gone && wanted().length == 1) revert LastValidator(validator);

        for (uint256 i = 0; i < _list.length; ++i) {
            if (_list[i] != member) continue;
            _list[i] = _list[_list.length - 1];
            _list.pop();
            break;
        }
        delete memberOf[validator];
        delete validatorOf[member];

        emit ValidatorUnwanted(member, validator);
    }

    /// @inheritdoc IValidators
    function rotate(address from, address to, bytes calldata acceptance) external {
        uint32 member = members.requireAccount(msg.sender);
        if (memberOf[from] != member) revert NotTheMembersValidator(from, member);
        _requireFree(to);
        // A malformed signature, or one with a high s, recovers to nobody.
        // slither-disable-next-line unused-return // why it failed is not told
        (address signer,,) = ECDSA.tryRecover(hashValidatorAccepted(member, to), acceptance);
        if (signer != to) revert ValidatorNotAccepted(to, signer);

        ++nonceOf[member];
        delete memberOf[from];
        _set(member, to);

        emit ValidatorUnwanted(member, from);
        emit ValidatorWanted(member, to);
    }

    // --- reads ---

    /// @inheritdoc IValidators
    function wanted() public view returns (address[] memory validators) {
        validators = new address[](_list.length);
        uint256 found = 0;
        for (uint256 i = 0; i < _list.length; ++i) {
            if (!_isGone(_list[i])) validators[found++] = validatorOf[_list[i]];
        }
        assembly ("memory-safe") {
            mstore(validators, found)
        }
    }

    /// @inheritdoc IValidators
    function hashValidatorAccepted(uint32 member, address validator) public view returns (bytes32 digest) {
        return _hashTypedDataV4(keccak256(abi.encode(ACCEPTANCE_TYPE, member, validator, nonceOf[member])));
    }

    function _set(uint32 member, address validator) private {
        memberOf[validator] = member;
        validatorOf[member] = validator;
    }

    function _requireFree(address validator) private view {
        if (validator == address(0)) revert ZeroValidator();
        if (memberOf[validator] != 0) revert ValidatorTaken(validator, memberOf[validator]);
    }

    function _isGone(uint32 member) private view returns (bool) {
        Standing standing = members.get(member).standing;
        return standing == Standing.Expelled || standing == Standing.Left;
    }
}
