#!/bin/sh
# With the AWS CLI from the root access key to an application that may do what it needs, and no more: a user with an
# access key and rights of its own, and a role it can assume for the rest. Every step of the guides of clients that
# ask for an IAM user or role. Deletes at the end all it has made.
#
#   hashrange serve --auth            # prints the root access key, once
#   export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...
#   examples/first-user.sh [URL]      # http://localhost:8000
set -eu

url=${1:-http://localhost:8000}
export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}" AWS_EC2_METADATA_DISABLED=true AWS_PAGER=
user=first-user
role=first-role
table=First
external_id=guide-4711
full_access=arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess
said=$(mktemp)
trap 'rm -f "$said"' EXIT

hr() {
    aws --endpoint-url "$url" --output json "$@"
}

# Runs a command and prints its answer, which field then reads.
show() {
    "$@" >"$said"
    cat "$said"
}

field() {
    sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" "$said"
}

step() {
    printf '\n== %s\n' "$*"
}

# Runs a command as somebody else: as "KEY SECRET [TOKEN]" hr ...
as() {
    credentials=$1
    shift
    (
        # shellcheck disable=SC2086 # three words
        set -- $credentials -- "$@"
        export AWS_ACCESS_KEY_ID="$1" AWS_SECRET_ACCESS_KEY="$2"
        shift 2
        unset AWS_SESSION_TOKEN
        [ "$1" = -- ] || { export AWS_SESSION_TOKEN="$1" && shift; }
        shift
        "$@"
    )
}

# The command has to fail with this error.
refused() {
    error=$1
    shift
    if "$@" >"$said" 2>&1 || ! grep -q "($error)" "$said"; then
        cat "$said" >&2
        echo "this was to be refused with $error: $*" >&2
        exit 1
    fi
    sed -n 's/.*An error occurred/refused, as it should be: an error occurred/p' "$said"
}

step "Whose key is this?"
show hr sts get-caller-identity
account=$(field Account)

step "Create a user"
show hr iam create-user --user-name $user
user_arn=$(field Arn)

step "Create an access key for it. Its secret is shown this once"
show hr iam create-access-key --user-name $user
user_key=$(field AccessKeyId)
as_user="$user_key $(field SecretAccessKey)"
hr iam list-access-keys --user-name $user

step "The user may do nothing yet"
refused AccessDeniedException as "$as_user" hr dynamodb list-tables

step "Create a role that the user can assume, with an external ID"
show hr iam create-role --role-name $role --assume-role-policy-document "{
    \"Version\": \"2012-10-17\",
    \"Statement\": [{
        \"Effect\": \"Allow\",
        \"Principal\": {\"AWS\": \"$user_arn\"},
        \"Action\": \"sts:AssumeRole\",
        \"Condition\": {\"StringEquals\": {\"sts:ExternalId\": \"$external_id\"}}
    }]
}"
role_arn=$(field Arn)

step "Attach AmazonDynamoDBFullAccess to the role"
hr iam attach-role-policy --role-name $role --policy-arn $full_access
hr iam list-attached-role-policies --role-name $role

step "Give the user the least it needs: to put and get items of one table"
hr iam put-user-policy --user-name $user --policy-name least --policy-document "{
    \"Version\": \"2012-10-17\",
    \"Statement\": [{
        \"Effect\": \"Allow\",
        \"Action\": [\"dynamodb:GetItem\", \"dynamodb:PutItem\"],
        \"Resource\": \"arn:aws:dynamodb:*:$account:table/$table\"
    }]
}"
hr iam get-user-policy --user-name $user --policy-name least

step "Assume the role: not without its external ID"
refused AccessDenied as "$as_user" hr sts assume-role --role-arn "$role_arn" --role-session-name guide
refused AccessDenied as "$as_user" hr sts assume-role --role-arn "$role_arn" --role-session-name guide --external-id wrong
as_role=$(as "$as_user" hr sts assume-role --role-arn "$role_arn" --role-session-name guide --external-id $external_id \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
as "$as_role" hr sts get-caller-identity

step "Use the temporary credentials"
as "$as_role" hr dynamodb create-table --table-name $table --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH \
    --query TableDescription.TableArn
as "$as_role" hr dynamodb wait table-exists --table-name $table

step "Use the user's own key: what its policy says, and no more"
as "$as_user" hr dynamodb put-item --table-name $table --item '{"id": {"S": "1"}}'
as "$as_user" hr dynamodb get-item --table-name $table --key '{"id": {"S": "1"}}'
refused AccessDeniedException as "$as_user" hr dynamodb scan --table-name $table
refused AccessDeniedException as "$as_user" hr dynamodb get-item --table-name "$table-2" --key '{"id": {"S": "1"}}'

step "Detach the policy: the temporary credentials are worth nothing from now on"
as "$as_role" hr dynamodb scan --table-name $table --select COUNT --query Count
hr iam detach-role-policy --role-name $role --policy-arn $full_access
refused AccessDeniedException as "$as_role" hr dynamodb scan --table-name $table

step "Delete everything: what is still in use stays"
refused DeleteConflict hr iam delete-user --user-name $user
hr dynamodb delete-table --table-name $table --query TableDescription.TableStatus
hr iam delete-role --role-name $role
hr iam delete-user-policy --user-name $user --policy-name least
hr iam delete-access-key --user-name $user --access-key-id "$user_key"
hr iam delete-user --user-name $user
refused UnrecognizedClientException as "$as_user" hr dynamodb list-tables

step "Done"
