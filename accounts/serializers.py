"""What people send to sign in, and how the API shows a person."""

from django.db import models
from rest_framework import serializers

from accounts.keys import MOST_OVERLAP, OVERLAP
from accounts.models import ApiKey, User
from accounts.roles import PERMISSIONS, PERSONAL
from akig.lib.fields import InstantField


class UserBlock(serializers.ModelSerializer):
    """Whoever is signed in: the role, the branches (the primary one first) and the rights."""

    role = serializers.CharField(read_only=True)
    sites = serializers.SerializerMethodField()
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "email", "name", "role", "sites", "permissions", "language"]
        read_only_fields = fields

    def get_sites(self, user: User) -> list[str]:
        current = user.assignments.current().order_by("-is_primary", "site")
        codes = list(current.values_list("site", flat=True))
        return [code for code in codes if code in user.key.branches] if user.key else codes

    def get_permissions(self, user: User) -> list[str]:
        return sorted(user.rights)


class Credentials(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1000, trim_whitespace=False, write_only=True)
    otp = serializers.CharField(max_length=20, required=False, allow_blank=True, write_only=True)


class RefreshRequest(serializers.Serializer):
    refresh = serializers.CharField(max_length=4000)


class LogoutRequest(serializers.Serializer):
    refresh = serializers.CharField(max_length=4000, required=False)


class TokenPair(serializers.Serializer):
    """A pair of tokens, for how many seconds the access token lives, and for whom they are."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField()
    user = UserBlock()


class ApiKeySerializer(serializers.ModelSerializer):
    """A key as it is shown: never its secret. ``sites`` are the branches that it opens."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: InstantField,
    }

    owner = serializers.CharField(source="owner.email")
    state = serializers.CharField(help_text="active, expired or revoked")
    sites = serializers.ListField(child=serializers.CharField(), source="branches")

    class Meta:
        model = ApiKey
        fields = [
            "id", "name", "prefix", "owner", "state", "scopes", "sites", "created_at", "renewed_at",
            "expires_at", "old_until", "revoked_at", "last_used_at", "request_count",
        ]  # fmt: skip
        read_only_fields = fields


class FreshKey(ApiKeySerializer):
    """A key with what the program sends, which is shown this once."""

    key = serializers.CharField()

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]
        read_only_fields = fields


class KeyRequest(serializers.Serializer):
    name = serializers.CharField(max_length=100)
    scopes = serializers.MultipleChoiceField(
        choices=[code for code in PERMISSIONS if code not in PERSONAL], allow_empty=False
    )
    sites = serializers.ListField(
        child=serializers.CharField(max_length=20), allow_empty=False, max_length=100
    )
    expires_at = serializers.DateTimeField(required=False)


class RenewRequest(serializers.Serializer):
    overlap_hours = serializers.IntegerField(min_value=0, max_value=MOST_OVERLAP, default=OVERLAP)
    expires_at = serializers.DateTimeField(required=False)
