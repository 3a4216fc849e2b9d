// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IItemCodes} from "../../src/interfaces/IItemCodes.sol";
import {World} from "../support/World.sol";

contract CommitItemsTest is World {
    bytes32 internal constant ROOT = keccak256("root");
    bytes32 internal constant MANIFEST = keccak256("manifest");

    function test_refusesAStranger() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        itemCodes.commitItems(LETTUCE, "L1", ROOT, 20, MANIFEST);
    }

    function test_refusesASuspendedOwner() public {
        suspended(FARM);
        refusesInactive(FARM);
        by(FARM);
        itemCodes.commitItems(LETTUCE, "L1", ROOT, 20, MANIFEST);
    }

    function test_refusesAMemberThatDoesNotOwnTheGtin() public {
        refuses(abi.encodeWithSelector(IItemCodes.NotProductOwner.selector, LETTUCE, MERCHANT));
        by(MERCHANT);
        itemCodes.commitItems(LETTUCE, "L1", ROOT, 20, MANIFEST);
    }

    function test_refusesALotThatIsNone() public {
        refuses(IItemCodes.EmptyLot.selector);
        by(FARM);
        itemCodes.commitItems(LETTUCE, "", ROOT, 20, MANIFEST);

        string[3] memory bad = ["123456789012345678901", "A B", unicode"批次"];
        for (uint256 i = 0; i < bad.length; ++i) {
            refuses(abi.encodeWithSelector(IItemCodes.BadLot.selector, bad[i]));
            by(FARM);
            itemCodes.commitItems(LETTUCE, bad[i], ROOT, 20, MANIFEST);
        }
    }

    function test_refusesAnEmptyTree() public {
        refuses(IItemCodes.EmptyTree.selector);
        by(FARM);
        itemCodes.commitItems(LETTUCE, "L1", ROOT, 0, MANIFEST);

        refuses(IItemCodes.EmptyTree.selector);
        by(FARM);
        itemCodes.commitItems(LETTUCE, "L1", bytes32(0), 20, MANIFEST);
    }

    function test_refusesARootASecondTime() public {
        by(FARM);
        itemCodes.commitItems(LETTUCE, "L1", ROOT, 20, MANIFEST);

        refuses(abi.encodeWithSelector(IItemCodes.AlreadyCommitted.selector, ROOT));
        by(FARM);
        itemCodes.commitItems(LETTUCE, "L2", ROOT, 20, MANIFEST);
    }

    function test_commitsALotOfTwentyCharacters() public {
        string memory lot = "SALAD-20260420-A/123";
        vm.expectEmit(address(itemCodes));
        emit IItemCodes.ItemsCommitted(ROOT, LETTUCE, FARM, lot, 20, MANIFEST);
        by(FARM);
        itemCodes.commitItems(LETTUCE, lot, ROOT, 20, MANIFEST);

        vm.assertEq(itemCodes.committedAt(ROOT), NOW);
        vm.assertEq(itemCodes.committedAt(keccak256("other")), 0);
    }
}
