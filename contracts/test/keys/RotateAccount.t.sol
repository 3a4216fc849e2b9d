// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Members} from "../../src/Members.sol";
import {IKeys, KeyKind} from "../../src/interfaces/IKeys.sol";
import {IMembers, Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract RotateAccountTest is World {
    uint256 internal constant NEW_KEY = 4711;

    function rotates(uint32 member, bytes memory accepted) internal {
        by(member);
        members.rotateAccount(vm.addr(NEW_KEY), accepted);
    }

    function refusesAcceptance(bytes memory accepted) internal {
        by(FARM);
        (bool done,) = address(members).call(abi.encodeCall(members.rotateAccount, (vm.addr(NEW_KEY), accepted)));
        vm.assertFalse(done);
    }

    function test_refusesAStrangerAndAnOperator() public {
        bytes memory accepted = acceptance(FARM, NEW_KEY);
        refusesNotMember(stranger);
        vm.prank(stranger);
        members.rotateAccount(vm.addr(NEW_KEY), accepted);

        operator(FARM, Role.FARM);
        refuses(abi.encodeWithSelector(IKeys.NotTheAccount.selector, vm.addr(OPERATOR_KEY), FARM));
        byOperator();
        members.rotateAccount(vm.addr(NEW_KEY), accepted);
    }

    function test_refusesAKeyThatIsOrWasAnyones() public {
        bytes memory accepted = acceptance(FARM, keyOf(CARRIER));
        refuses(abi.encodeWithSelector(IKeys.AccountTaken.selector, accountOf(CARRIER), CARRIER));
        by(FARM);
        members.rotateAccount(accountOf(CARRIER), accepted);

        refuses(IKeys.ZeroAccount.selector);
        by(FARM);
        members.rotateAccount(address(0), accepted);
    }

    function test_refusesWithoutTheNewKeysOwnAcceptance() public {
        bytes32 digest = members.hashKeyAccepted(FARM, vm.addr(NEW_KEY));
        bytes memory byTheOld = signatureOf(FARM, digest);
        refuses(abi.encodeWithSelector(IKeys.KeyNotAccepted.selector, vm.addr(NEW_KEY), accountOf(FARM)));
        rotates(FARM, byTheOld);

        bytes memory high = highS(acceptance(FARM, NEW_KEY));
        refuses(abi.encodeWithSelector(IKeys.KeyNotAccepted.selector, vm.addr(NEW_KEY), address(0)));
        rotates(FARM, high);
    }

    function test_refusesAnAcceptanceForAnotherMemberContractOrChain() public {
        refusesAcceptance(acceptance(CARRIER, NEW_KEY));

        Members other = new Members(founder);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(NEW_KEY, other.hashKeyAccepted(FARM, vm.addr(NEW_KEY)));
        refusesAcceptance(abi.encodePacked(r, s, v));

        bytes memory here = acceptance(FARM, NEW_KEY);
        vm.chainId(7710);
        refusesAcceptance(here);
    }

    function test_refusesAnAcceptanceThatAnotherOneUsedUp() public {
        bytes memory early = acceptance(FARM, NEW_KEY);
        operator(FARM, Role.FARM); // takes the nonce
        refusesAcceptance(early);
    }

    function test_theNewKeyActsAndTheOldNeverAgain() public {
        bytes memory accepted = acceptance(FARM, NEW_KEY);
        vm.expectEmit(address(members));
        emit IKeys.AccountRotated(FARM, accountOf(FARM), vm.addr(NEW_KEY));
        rotates(FARM, accepted);

        vm.assertEq(members.get(FARM).account, vm.addr(NEW_KEY));
        vm.prank(vm.addr(NEW_KEY));
        statements.record(only("harvest"));

        refuses(abi.encodeWithSelector(IKeys.KeyIsRevoked.selector, accountOf(FARM), FARM));
        by(FARM);
        statements.record(only("more"));
        refuses(abi.encodeWithSelector(IKeys.AccountTaken.selector, accountOf(FARM), FARM));
        vm.prank(founder);
        members.admit(accountOf(FARM), Role.FARM, "again", "Again");
    }

    function test_whatTheOldKeyGrantedEndsWithIt() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(FARM, members.hashGrant(grant));
        rotates(FARM, acceptance(FARM, NEW_KEY));

        refuses(abi.encodeWithSelector(IMembers.WrongSigner.selector, FARM, accountOf(FARM)));
        vm.prank(stranger);
        statements.recordFor(only("harvest"), grant, signature);
    }

    function test_aResetRevokesEveryOtherKeyOfTheMember() public {
        operator(FARM, Role.FARM);
        bytes memory accepted = acceptance(FARM, NEW_KEY);
        refusesAllButGovernor(stranger);
        vm.prank(stranger);
        members.resetAccount(FARM, vm.addr(NEW_KEY), accepted);

        vm.expectEmit(address(members));
        emit IKeys.AccountReset(FARM, accountOf(FARM), vm.addr(NEW_KEY));
        vm.prank(founder);
        members.resetAccount(FARM, vm.addr(NEW_KEY), accepted);

        vm.assertTrue(members.keyOf(vm.addr(OPERATOR_KEY)).kind == KeyKind.Revoked);
        refuses(abi.encodeWithSelector(IKeys.KeyIsRevoked.selector, vm.addr(OPERATOR_KEY), FARM));
        byOperator();
        statements.record(only("harvest"));
        vm.prank(vm.addr(NEW_KEY));
        statements.record(only("harvest"));
    }
}
