"""A tenant who is erased takes along what was said and where, not that there was a call."""

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from recovery.models import Contact, Notice, Photo
from recovery.services.contacts import log_visit
from sites_app.services.erasing import erase_person
from tenants.services import end_lease
from tests.factories import charge, make_notice, pay
from tests.pictures import JPEG


def test_what_was_said_goes_with_the_tenant(cast):
    charge(cast.lease, 5, date(2026, 7, 5))
    log_visit(
        actor=cast.bachir,
        tenant=cast.tenant,
        result="refused",
        notes="Gassim est malade",
        latitude=9,
        longitude=-13,
        photos=[SimpleUploadedFile("a.jpg", JPEG)],
    )
    make_notice(cast.lease, reason="Gassim est malade")
    pay(cast.lease, 5)
    end_lease(actor=cast.bachir, lease=cast.lease, on=date(2026, 9, 30))
    erase_person(actor=cast.awa, row=cast.tenant, reason="asked for")
    visit = Contact.objects.get()
    assert (visit.notes, visit.latitude, visit.result) == ("", None, "refused")
    assert not Photo.objects.exists()
    notice = Notice.objects.get()
    assert notice.reason == "" and notice.number and notice.paper
    assert "malade" not in " ".join(event.notes for event in visit.events.all())
