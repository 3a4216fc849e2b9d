// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Members} from "../../src/Members.sol";
import {Act, IMembers, Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract RequireGrantTest is World {
    function check(IMembers.Grant memory grant, bytes memory signature) internal view returns (bytes32) {
        return members.requireGrant(stranger, grant, signature, Act.RECORD_STATEMENT, Role.EVIDENCE, bytes4(0));
    }

    function refusesSigner(uint32 member, address signer) internal {
        refuses(abi.encodeWithSelector(IMembers.WrongSigner.selector, member, signer));
    }

    function test_refusesAnyoneButTheDelegate() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(FARM, members.hashGrant(grant));
        refuses(abi.encodeWithSelector(IMembers.NotDelegate.selector, accountOf(CREATOR), stranger));
        members.requireGrant(accountOf(CREATOR), grant, signature, Act.RECORD_STATEMENT, Role.EVIDENCE, bytes4(0));
    }

    function test_refusesAnActThatIsNotGranted() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(FARM, members.hashGrant(grant));
        uint32 both = Act.RECORD_STATEMENT | 2;
        refuses(abi.encodeWithSelector(IMembers.ActNotGranted.selector, FARM, both));
        members.requireGrant(stranger, grant, signature, both, Role.EVIDENCE, bytes4(0));
    }

    function test_refusesAfterItsLastSecond() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(FARM, members.hashGrant(grant));
        vm.warp(grant.until);
        check(grant, signature);

        vm.warp(grant.until + 1);
        refuses(abi.encodeWithSelector(IMembers.GrantExpired.selector, grant.until, grant.until + 1));
        check(grant, signature);
    }

    function test_refusesWhatAnUnknownOrSuspendedMemberGranted() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(FARM, members.hashGrant(grant));
        suspended(FARM);
        refusesInactive(FARM);
        check(grant, signature);

        grant.member = NOBODY;
        refusesUnknown(NOBODY);
        check(grant, signature);
    }

    function test_refusesARevokedGrant() public {
        IMembers.Grant memory grant = aGrant();
        bytes32 grantHash = members.hashGrant(grant);
        by(FARM);
        members.revokeGrant(grant);

        refuses(abi.encodeWithSelector(IMembers.GrantIsRevoked.selector, grantHash));
        check(grant, signatureOf(FARM, grantHash));
    }

    function test_refusesAnotherMembersSignature() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(CREATOR, members.hashGrant(grant));
        refusesSigner(FARM, accountOf(CREATOR));
        check(grant, signature);
    }

    function test_refusesAMalformedSignatureAndOneWithAHighS() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory high = highS(signatureOf(FARM, members.hashGrant(grant)));
        refusesSigner(FARM, address(0));
        check(grant, high);

        refusesSigner(FARM, address(0));
        check(grant, hex"1234");
    }

    function test_refusesAGrantForAnotherContract() public {
        Members other = new Members(founder);
        IMembers.Grant memory grant = aGrant();
        bytes32 digest = other.hashGrant(grant);
        vm.assertTrue(digest != members.hashGrant(grant));

        (bool accepted,) = address(members)
            .call(
                abi.encodeCall(
                    members.requireGrant,
                    (stranger, grant, signatureOf(FARM, digest), Act.RECORD_STATEMENT, Role.EVIDENCE, bytes4(0))
                )
            );
        vm.assertFalse(accepted);
    }

    function test_refusesAGrantForAnotherChain() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(FARM, members.hashGrant(grant));
        check(grant, signature);

        vm.chainId(7710);
        (bool accepted,) = address(members)
            .call(
                abi.encodeCall(
                    members.requireGrant, (stranger, grant, signature, Act.RECORD_STATEMENT, Role.EVIDENCE, bytes4(0))
                )
            );
        vm.assertFalse(accepted);
    }

    function test_anyChangeOfTheGrantVoidsTheSignature() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(FARM, members.hashGrant(grant));
        grant.until += 1;
        (bool accepted,) = address(members)
            .call(
                abi.encodeCall(
                    members.requireGrant, (stranger, grant, signature, Act.RECORD_STATEMENT, Role.EVIDENCE, bytes4(0))
                )
            );
        vm.assertFalse(accepted);
    }

    function test_givesTheEip712DigestOfTheGrant() public view {
        IMembers.Grant memory grant = aGrant();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Suyuan"),
                keccak256("1"),
                block.chainid,
                address(members)
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Grant(uint32 member,address delegate,uint32 acts,uint64 until,bytes32 salt)"),
                grant.member,
                grant.delegate,
                grant.acts,
                grant.until,
                grant.salt
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, message));

        vm.assertEq(members.hashGrant(grant), digest);
        vm.assertEq(check(grant, signatureOf(FARM, digest)), digest);
    }
}

contract RevokeGrantTest is World {
    function test_refusesAStranger() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        members.revokeGrant(aGrant());
    }

    function test_refusesAnotherMembersGrant() public {
        refuses(abi.encodeWithSelector(IMembers.WrongSigner.selector, FARM, accountOf(CREATOR)));
        by(CREATOR);
        members.revokeGrant(aGrant());
    }

    function test_aSuspendedMemberMayStillRevoke() public {
        suspended(FARM);
        IMembers.Grant memory grant = aGrant();
        bytes32 grantHash = members.hashGrant(grant);

        vm.expectEmit(address(members));
        emit IMembers.GrantRevoked(grantHash, FARM);
        by(FARM);
        members.revokeGrant(grant);
    }

    function test_aRepeatSaysNothing() public {
        by(FARM);
        members.revokeGrant(aGrant());

        vm.recordLogs();
        by(FARM);
        members.revokeGrant(aGrant());
        assertNoLogs();
    }

    function test_leavesOtherGrantsInForce() public {
        IMembers.Grant memory other = aGrant();
        other.salt = bytes32(uint256(8));
        by(FARM);
        members.revokeGrant(aGrant());

        members.requireGrant(
            stranger, other, signatureOf(FARM, members.hashGrant(other)), Act.RECORD_STATEMENT, Role.EVIDENCE, bytes4(0)
        );
    }
}
