// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IMembers, Role, Standing} from "./interfaces/IMembers.sol";
import {Gs1} from "./libraries/Gs1.sol";
import {Governed} from "./membership/Governed.sol";
import {Keys} from "./membership/Keys.sol";
import {Stops} from "./membership/Stops.sol";

/// @title Members
/// @notice See IMembers.
contract Members is Keys, Stops, IMembers {
    bytes32 private constant GRANT_TYPE =
        keccak256("Grant(uint32 member,address delegate,uint32 acts,uint64 until,bytes32 salt)");

    /// @inheritdoc IMembers
    address public registrar;
    /// @inheritdoc IMembers
    uint32 public count;
    /// @inheritdoc IMembers
    uint32 public seats;
    /// @inheritdoc IMembers
    mapping(uint64 gln => uint32 member) public holderOfLocation;
    /// @inheritdoc IMembers
    mapping(uint64 gtin => uint32 member) public ownerOfProduct;

    mapping(bytes32 slugHash => uint32 member) private _memberOfSlug;
    mapping(bytes32 grantHash => bool) private _revoked;

    modifier onlyRegistrar() {
        _requireRegistrar();
        _;
    }

    modifier known(uint32 member) {
        _requireKnown(member);
        _;
    }

    constructor(address founder) Governed(founder) {
        if (founder == address(0)) revert ZeroAccount();
        registrar = founder;
    }

    // --- the governor's acts ---

    /// @inheritdoc IMembers
    function admit(address account, uint32 roles, string calldata slug, string calldata name)
        external
        onlyGovernor
        returns (uint32 member)
    {
        _requireUnused(account);
        if (bytes(slug).length == 0 || bytes(slug).length > 64) revert BadSlug(slug);
        if (roles & ~Role.OF_MEMBERS != 0) revert BadRoles(roles);
        bytes32 slugHash = keccak256(bytes(slug));
        if (_memberOfSlug[slugHash] != 0) revert SlugTaken(slug, _memberOfSlug[slugHash]);

        member = ++count;
        _setAccount(member, account);
        _change(member, roles, Standing.Active);
        _memberOfSlug[slugHash] = member;

        emit MemberAdmitted(member, account, roles, slug, name);
    }

    /// @inheritdoc IMembers
    function setRoles(uint32 member, uint32 roles) external onlyGovernor known(member) {
        if (roles & ~Role.OF_MEMBERS != 0) revert BadRoles(roles);
        if (_members[member].roles == roles) return;

        _change(member, roles, _members[member].standing);

        emit RolesChanged(member, roles);
    }

    /// @inheritdoc IMembers
    function suspend(uint32 member, string calldata reason) external onlyGovernor known(member) {
        if (_requireNotFinal(member) == Standing.Suspended) return;

        _change(member, _members[member].roles, Standing.Suspended);

        emit MemberSuspended(member, reason);
    }

    /// @inheritdoc IMembers
    function reinstate(uint32 member) external onlyGovernor known(member) {
        if (_requireNotFinal(member) == Standing.Active) return;

        _change(member, _members[member].roles, Standing.Active);

        emit MemberReinstated(member);
    }

    /// @inheritdoc IMembers
    function expel(uint32 member, string calldata reason) external onlyGovernor known(member) {
        if (_members[member].standing == Standing.Expelled) return;
        _requireNotFinal(member);

        _change(member, _members[member].roles, Standing.Expelled);

        emit MemberExpelled(member, reason);
    }

    /// @inheritdoc IMembers
    function setRegistrar(address registrar_) external onlyGovernor {
        if (registrar == registrar_) return;

        // slither-disable-next-line missing-zero-check // zero: none
        registrar = registrar_;

        emit RegistrarSet(registrar_);
    }

    // --- the registrar's acts ---

    /// @inheritdoc IMembers
    function assignLocation(uint64 gln, uint32 member, string calldata name) external onlyRegistrar known(member) {
        if (!Gs1.isGln(gln)) revert BadGln(gln);
        uint32 holder = holderOfLocation[gln];
        if (_isAnothers(holder, member)) revert GlnTaken(gln, holder);

        holderOfLocation[gln] = member;

        emit LocationAssigned(gln, member, name);
    }

    /// @inheritdoc IMembers
    function assignProduct(uint64 gtin, uint32 member, string calldata name) external onlyRegistrar known(member) {
        if (!Gs1.isGtin(gtin)) revert BadGtin(gtin);
        uint32 owner = ownerOfProduct[gtin];
        if (_isAnothers(owner, member)) revert GtinTaken(gtin, owner);

        ownerOfProduct[gtin] = member;

        emit ProductAssigned(gtin, member, name);
    }

    // --- a member's own acts ---

    /// @inheritdoc IMembers
    function leave() external {
        uint32 member = _memberOfAccount(msg.sender);
        _requireNotFinal(member);

        _change(member, _members[member].roles, Standing.Left);

        emit MemberLeft(member);
    }

    /// @inheritdoc IMembers
    function revokeGrant(Grant calldata grant) external {
        uint32 member = _memberOfAccount(msg.sender);
        if (member != grant.member) revert WrongSigner(grant.member, msg.sender);
        bytes32 grantHash = hashGrant(grant);
        if (_revoked[grantHash]) return;

        _revoked[grantHash] = true;

        emit GrantRevoked(grantHash, member);
    }

    // --- who may ---

    /// @inheritdoc IMembers
    function requireMayAct(address key, uint32 anyOf, bytes4 selector) external view returns (uint32 member) {
        _requireNotStopped(selector);
        return requireRole(key, anyOf);
    }

    /// @inheritdoc IMembers
    function requireRole(address key, uint32 anyOf) public view returns (uint32 member) {
        uint32 roles;
        Standing standing;
        (member, roles, standing) = _memberOfKey(key);
        if (standing != Standing.Active) revert MemberNotActive(member, standing);
        if (roles & anyOf == 0) revert MissingRole(member, anyOf);
    }

    /// @inheritdoc IMembers
    function requireTreasurer(address key) external view returns (uint32 member) {
        uint32 roles;
        // slither-disable-next-line unused-return // of any standing
        (member, roles,) = _memberOfKey(key);
        if (roles & Role.TREASURY == 0) revert MissingRole(member, Role.TREASURY);
    }

    /// @inheritdoc IMembers
    function requireAccount(address key) external view returns (uint32 member) {
        member = _memberOfAccount(key);
        _requireActive(member);
    }

    /// @inheritdoc IMembers
    function requireSeat(address key) external view returns (uint32 member) {
        member = _memberOfAccount(key);
        _requireActive(member, Role.COUNCIL);
    }

    /// @inheritdoc IMembers
    function requireMemberRole(uint32 member, uint32 anyOf) external view {
        _requireActive(member, anyOf);
    }

    /// @inheritdoc IMembers
    function requireActive(uint32 member, bytes4 selector) external view returns (address account) {
        _requireNotStopped(selector);
        return _requireActive(member).account;
    }

    /// @inheritdoc IMembers
    function requireGrant(
        address caller,
        Grant calldata grant,
        bytes calldata signature,
        uint32 act,
        uint32 anyOf,
        bytes4 selector
    ) external view returns (bytes32 grantHash) {
        _requireNotStopped(selector);
        if (caller != grant.delegate) revert NotDelegate(caller, grant.delegate);
        if (grant.acts & act != act) revert ActNotGranted(grant.member, act);
        if (block.timestamp > grant.until) revert GrantExpired(grant.until, uint64(block.timestamp));
        address account = _requireActive(grant.member, anyOf);
        grantHash = hashGrant(grant);
        if (_revoked[grantHash]) revert GrantIsRevoked(grantHash);
        // A malformed signature, or one with a high s, recovers to nobody.
        // slither-disable-next-line unused-return // why it failed is not told
        (address signer,,) = ECDSA.tryRecover(grantHash, signature);
        if (signer != account) revert WrongSigner(grant.member, signer);
    }

    // --- reads ---

    /// @inheritdoc IMembers
    function isSeat(uint32 member) external view returns (bool) {
        return _isSeat(_members[member].roles, _members[member].standing);
    }

    /// @inheritdoc IMembers
    function get(uint32 member) external view known(member) returns (Member memory) {
        Record memory record = _members[member];
        return Member(record.account, record.roles, record.standing);
    }

    /// @inheritdoc IMembers
    function hashGrant(Grant calldata grant) public view returns (bytes32 digest) {
        return _hashTypedDataV4(
            keccak256(abi.encode(GRANT_TYPE, grant.member, grant.delegate, grant.acts, grant.until, grant.salt))
        );
    }

    /// @dev Keeps count of the seats. Once there are any, there is always one.
    function _change(uint32 member, uint32 roles, Standing standing) private {
        Record storage record = _members[member];
        bool sat = _isSeat(record.roles, record.standing);
        bool sits = _isSeat(roles, standing);
        if (sat && !sits && seats == 1) revert LastSeat(member);

        if (sits && !sat) ++seats;
        if (sat && !sits) --seats;
        record.roles = roles;
        record.standing = standing;
    }

    function _isSeat(uint32 roles, Standing standing) private pure returns (bool) {
        return standing == Standing.Active && roles & Role.COUNCIL != 0;
    }

    /// @dev What the registrar may not take away.
    function _isAnothers(uint32 holder, uint32 member) private view returns (bool) {
        return holder != 0 && holder != member && msg.sender != governor;
    }

    function _requireRegistrar() private view {
        if (msg.sender != registrar && msg.sender != governor) revert NotRegistrar(msg.sender);
    }

    function _requireKnown(uint32 member) private view {
        if (member == 0 || member > count) revert UnknownMember(member);
    }

    /// @dev One slot is read: whoever was never admitted has no standing.
    function _requireActive(uint32 member) private view returns (Record memory record) {
        record = _members[member];
        if (record.standing == Standing.None) revert UnknownMember(member);
        if (record.standing != Standing.Active) revert MemberNotActive(member, record.standing);
    }

    function _requireActive(uint32 member, uint32 anyOf) private view returns (address account) {
        Record memory record = _requireActive(member);
        if (record.roles & anyOf == 0) revert MissingRole(member, anyOf);
        return record.account;
    }

    function _requireNotFinal(uint32 member) private view returns (Standing standing) {
        standing = _members[member].standing;
        if (standing == Standing.Expelled || standing == Standing.Left) revert StandingIsFinal(member, standing);
    }
}
