// Faulty migrations of document databases, each with all that is said about it.
#include "support/format_fault.h"

namespace godwit {
namespace {

TEST(DocumentFaults, AreToldWithPlaceAndRemedy) {
    test::expect_told({
        {"no JSON in a document",
         {{"001_a.json", "{\"database_type\": \"dynamodb\" \"operations\": []}"}},
         "invalid_input 001_a.json:1:30: not JSON: missing a comma or '}' after an object member\n"
         "  > Correct the JSON.\n",
         Dialect::kDocument},
        {"a document of another database",
         {{"001_a.json", "{\"database_type\": \"mongodb\", \"operations\": []}"}},
         "invalid_input 001_a.json:1:19: database_type is \"mongodb\", but this is a folder of migrations for DynamoDB\n"
         "  > Move it to the folder of the database it is meant for.\n",
         Dialect::kDocument},
        {"a document without its database",
         {{"001_a.json", "{\"operations\": []}"}},
         "invalid_input 001_a.json: database_type is missing\n"
         "  > Add \"database_type\": \"dynamodb\".\n",
         Dialect::kDocument},
        {"a document without operations",
         {{"001_a.json", "{\"database_type\": \"dynamodb\"}"}},
         "invalid_input 001_a.json: operations is missing\n"
         "  > Add \"operations\": [{\"type\": …}, …].\n",
         Dialect::kDocument},
        {"operations that are no array",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": {}}"}},
         "invalid_input 001_a.json:1:45: operations must be an array, and this is an object\n"
         "  > Write it as [{\"type\": …}, …].\n",
         Dialect::kDocument},
        {"an operation that is no object",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [\n  \"create_table\"]}"}},
         "invalid_input 001_a.json:2:3: an operation is an object\n"
         "  > Write each operation as {\"type\": \"create_table\", …}.\n",
         Dialect::kDocument},
        {"an operation that is an array",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [\n  []]}"}},
         "invalid_input 001_a.json:2:3: an operation is an object, and this is an array\n"
         "  > Write each operation as {\"type\": \"create_table\", …}.\n",
         Dialect::kDocument},
        {"an operation without type",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [{\"TableName\": \"a\"}]}"}},
         "invalid_input 001_a.json:1:46: an operation needs a type\n"
         "  > Add \"type\": \"create_table\", or whichever it is.\n",
         Dialect::kDocument},
        {"an operation with two types",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [{\"type\": \"a\", \"type\": \"b\"}]}"}},
         "invalid_input 001_a.json:1:46: type is given twice\n"
         "  > Write each operation as {\"type\": \"create_table\", …}.\n",
         Dialect::kDocument},
        {"an operation whose type is no string",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [{\"type\": {\"a\": 1}}]}"}},
         "invalid_input 001_a.json:1:46: type must be a string\n"
         "  > Write each operation as {\"type\": \"create_table\", …}.\n",
         Dialect::kDocument},
        {"operations without a comma",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [\n {\"type\": \"a\"}\n {\"type\": \"b\"}]}"}},
         "invalid_input 001_a.json:3:2: a comma is missing between two elements\n"
         "  > Put one before it.\n",
         Dialect::kDocument},
        {"operations with a comma too many",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [\n {\"type\": \"a\"},\n]}"}},
         "invalid_input 001_a.json:2:15: a comma is followed by no element\n"
         "  > Remove it.\n",
         Dialect::kDocument},
        {"operations with a comma in front",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [, {\"type\": \"a\"}]}"}},
         "invalid_input 001_a.json:1:46: an element is missing before ,\n"
         "  > Remove the comma, or add the element.\n",
         Dialect::kDocument},
        {"no JSON in an operation",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [\n {\"type\": \"a\",\n  \"b\": tru}]}"}},
         "invalid_input 001_a.json:3:11: not JSON: invalid value\n"
         "  > Correct the JSON.\n",
         Dialect::kDocument},
        {"a document that does not end",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [{\"type\": \"a\"}]"}},
         "invalid_input 001_a.json:1:1: this element is not closed\n"
         "  > Close its quotes and brackets.\n",
         Dialect::kDocument},
        {"a string that does not end",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [{\"type\": \"a}]}"}},
         "invalid_input 001_a.json:1:1: a string of this element is not closed\n"
         "  > Close its quotes and brackets.\n",
         Dialect::kDocument},
        {"two documents in a file",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": []}\n{}"}},
         "invalid_input 001_a.json:2:1: a migration is one object\n"
         "  > Put each migration into a file of its own.\n",
         Dialect::kDocument},
        {"an unknown member of a document",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operatons\": []}"}},
         "invalid_input 001_a.json:1:31: unknown member \"operatons\"\n"
         "  > Did you mean operations?\n",
         Dialect::kDocument},
        {"two members that are streamed",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [{\"type\": \"a\", \"Items\": [], \"Keys\": []}]}"}},
         "invalid_input 001_a.json:1:46: Items and Keys cannot stand in one operation\n"
         "  > Make two operations of it.\n",
         Dialect::kDocument},
        {"a data migration in a document",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"migration_type\": \"data\", \"target\": \"t\", \"operations\": []}"}},
         "not_supported 001_a.json:1:67: data migrations in JSON are not supported for DynamoDB yet\n"
         "  > Write the change as operations.\n",
         Dialect::kDocument},
        {"a second way back of a document",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [{\"type\": \"a\"}], \"rollback_operations\": []}"},
          {"001_a_rollback.json", "{\"operations\": []}"}},
         "invalid_input 001_a_rollback.json: is a second way back; 001_a.json has rollback_operations\n"
         "  > Keep one of the two.\n",
         Dialect::kDocument},
        {"a rollback without operations",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"operations\": [{\"type\": \"a\"}]}"},
          {"001_a_rollback.json", "{}"}},
         "invalid_input 001_a_rollback.json: operations is missing\n"
         "  > Write {\"operations\": [{\"type\": …}, …]}.\n",
         Dialect::kDocument},
        {"bytes that are not UTF-8 in a document",
         {{"001_a.json", "{\"database_type\": \"dynamodb\", \"description\": \"caf\351\"}"}},
         "invalid_input 001_a.json:1:50: byte 0xe9 at offset 49 is not UTF-8\n"
         "  > Save the file as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`.\n",
         Dialect::kDocument},
    });
}

}  // namespace
}  // namespace godwit
