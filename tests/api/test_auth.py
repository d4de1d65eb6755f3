import time_machine


def test_signs_in_and_says_who_it_is(call, cast):
    tokens = call("coumba").tokens
    assert tokens["expires_in"] == 24 * 3600
    user = tokens["user"]
    assert user["email"] == "coumba@example.org"
    assert user["role"] == "secretaire"
    assert user["sites"] == ["GN_CONAKRY"]
    assert "payment.record" in user["permissions"]
    assert call("coumba").get("/api/me").json() == user
