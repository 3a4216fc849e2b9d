// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IMembers} from "./interfaces/IMembers.sol";
import {Gs1} from "./libraries/Gs1.sol";

/// @title Members
/// @notice See IMembers.
contract Members is IMembers, EIP712 {
    bytes32 private constant GRANT_TYPE =
        keccak256("Grant(uint32 member,address delegate,uint32 acts,uint64 until,bytes32 salt)");

    /// @inheritdoc IMembers
    address public immutable consortium;
    /// @inheritdoc IMembers
    uint32 public count;
    /// @inheritdoc IMembers
    mapping(uint64 gln => uint32 member) public holderOfLocation;
    /// @inheritdoc IMembers
    mapping(uint64 gtin => uint32 member) public ownerOfProduct;

    mapping(uint32 member => Member) private _members;
    mapping(address account => uint32 member) private _memberOfAccount;
    mapping(bytes32 slugHash => uint32 member) private _memberOfSlug;
    mapping(bytes32 grantHash => bool) private _revoked;

    modifier onlyConsortium() {
        _requireConsortium();
        _;
    }

    modifier known(uint32 member) {
        _requireKnown(member);
        _;
    }

    constructor(address consortium_) EIP712("Suyuan", "1") {
        if (consortium_ == address(0)) revert ZeroAccount();
        consortium = consortium_;
    }

    // --- the consortium's acts ---

    /// @inheritdoc IMembers
    function admit(address account, uint32 roles, string calldata slug, string calldata name)
        external
        onlyConsortium
        returns (uint32 member)
    {
        if (account == address(0)) revert ZeroAccount();
        if (bytes(slug).length == 0 || bytes(slug).length > 64) revert BadSlug(slug);
        if (_memberOfAccount[account] != 0) revert AccountTaken(account, _memberOfAccount[account]);
        bytes32 slugHash = keccak256(bytes(slug));
        if (_memberOfSlug[slugHash] != 0) revert SlugTaken(slug, _memberOfSlug[slugHash]);

        member = ++count;
        _members[member] = Member({account: account, roles: roles, active: true});
        _memberOfAccount[account] = member;
        _memberOfSlug[slugHash] = member;

        emit MemberAdmitted(member, account, roles, slug, name);
    }

    /// @inheritdoc IMembers
    function setRoles(uint32 member, uint32 roles) external onlyConsortium known(member) {
        if (_members[member].roles == roles) return;

        _members[member].roles = roles;

        emit RolesChanged(member, roles);
    }

    /// @inheritdoc IMembers
    function suspend(uint32 member, string calldata reason) external onlyConsortium known(member) {
        if (!_members[member].active) return;

        _members[member].active = false;

        emit MemberSuspended(member, reason);
    }

    /// @inheritdoc IMembers
    function reinstate(uint32 member) external onlyConsortium known(member) {
        if (_members[member].active) return;

        _members[member].active = true;

        emit MemberReinstated(member);
    }

    /// @inheritdoc IMembers
    function assignLocation(uint64 gln, uint32 member, string calldata name) external onlyConsortium known(member) {
        if (!Gs1.isGln(gln)) revert BadGln(gln);

        holderOfLocation[gln] = member;

        emit LocationAssigned(gln, member, name);
    }

    /// @inheritdoc IMembers
    function assignProduct(uint64 gtin, uint32 member, string calldata name) external onlyConsortium known(member) {
        if (!Gs1.isGtin(gtin)) revert BadGtin(gtin);

        ownerOfProduct[gtin] = member;

        emit ProductAssigned(gtin, member, name);
    }

    // --- a member's own act ---

    /// @inheritdoc IMembers
    function revokeGrant(Grant calldata grant) external {
        uint32 member = _memberOfAccount[msg.sender];
        if (member == 0) revert NotMember(msg.sender);
        if (member != grant.member) revert WrongSigner(grant.member, msg.sender);
        bytes32 grantHash = hashGrant(grant);
        if (_revoked[grantHash]) return;

        _revoked[grantHash] = true;

        emit GrantRevoked(grantHash, member);
    }

    // --- reads ---

    /// @inheritdoc IMembers
    function get(uint32 member) external view known(member) returns (Member memory) {
        return _members[member];
    }

    /// @inheritdoc IMembers
    function requireMember(address account) public view returns (uint32 member) {
        member = _memberOfAccount[account];
        if (member == 0) revert NotMember(account);
        if (!_members[member].active) revert MemberNotActive(member);
    }

    /// @inheritdoc IMembers
    function requireRole(address account, uint32 anyOf) external view returns (uint32 member) {
        member = requireMember(account);
        if (_members[member].roles & anyOf == 0) revert MissingRole(member, anyOf);
    }

    /// @inheritdoc IMembers
    function requireMemberRole(uint32 member, uint32 anyOf) external view {
        _requireActive(member);
        if (_members[member].roles & anyOf == 0) revert MissingRole(member, anyOf);
    }

    /// @inheritdoc IMembers
    function hashGrant(Grant calldata grant) public view returns (bytes32 digest) {
        return _hashTypedDataV4(
            keccak256(abi.encode(GRANT_TYPE, grant.member, grant.delegate, grant.acts, grant.until, grant.salt))
        );
    }

    /// @inheritdoc IMembers
    function requireGrant(address caller, Grant calldata grant, bytes calldata signature, uint32 act)
        external
        view
        returns (bytes32 grantHash)
    {
        if (caller != grant.delegate) revert NotDelegate(caller, grant.delegate);
        if (grant.acts & act != act) revert ActNotGranted(grant.member, act);
        if (block.timestamp > grant.until) revert GrantExpired(grant.until, uint64(block.timestamp));
        _requireActive(grant.member);
        grantHash = hashGrant(grant);
        if (_revoked[grantHash]) revert GrantIsRevoked(grantHash);
        // A malformed signature, or one with a high s, recovers to nobody.
        // slither-disable-next-line unused-return // why it failed is not told
        (address signer,,) = ECDSA.tryRecover(grantHash, signature);
        if (signer != _members[grant.member].account) revert WrongSigner(grant.member, signer);
    }

    function _requireConsortium() private view {
        if (msg.sender != consortium) revert NotConsortium(msg.sender);
    }

    function _requireKnown(uint32 member) private view {
        if (member == 0 || member > count) revert UnknownMember(member);
    }

    function _requireActive(uint32 member) private view {
        _requireKnown(member);
        if (!_members[member].active) revert MemberNotActive(member);
    }
}
