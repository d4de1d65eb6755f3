"""What people send to sign in, and how the API shows a person."""

from rest_framework import serializers

from accounts.models import User


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
        return list(current.values_list("site", flat=True))

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
